//! The end of a mailbox: it is closed, and then drained of what was queued or waiting.

use std::collections::VecDeque;
use std::sync::Arc;

use super::envelope::QueueEntry;
use super::wait_list::{WaitingMessage, WithdrawKey};
use super::{Mailbox, Voidable};
use crate::engine::queue_ticket::QueueTicket;

/// The contents of a closed mailbox. All messages are in the same kind of queue: each other kind would be more code for
/// each type of message.
pub(crate) struct Remaining<M, N> {
    /// The accepted messages, in arrival order.
    pub(crate) queued: VecDeque<QueueEntry<M, N>>,
    /// Calls that still waited for capacity, in arrival order.
    pub(crate) waiting: VecDeque<QueueEntry<M, N>>,
    /// Casts whose senders still waited for capacity.
    pub(crate) refused: VecDeque<QueueEntry<M, N>>,
    /// The waits that end with the mailbox: those of the refused casts, of watched calls and of reservations. To be
    /// settled as `Closed` without a lock.
    pub(crate) tickets: Vec<Arc<QueueTicket>>,
}

impl<M, N> Default for Remaining<M, N> {
    fn default() -> Self {
        Self {
            queued: VecDeque::new(),
            waiting: VecDeque::new(),
            refused: VecDeque::new(),
            tickets: Vec::new(),
        }
    }
}

impl<M, N: Voidable> Mailbox<M, N> {
    /// Closes the mailbox: nothing is accepted any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Returns everything that was queued or waiting when the mailbox was closed, in order; `None` if nothing was,
    /// and then the memory of the queue is released.
    pub(crate) fn drain(&mut self) -> Option<Remaining<M, N>> {
        (self.used, self.users) = (0, 0);
        if self.is_empty() && !self.has_waiting() {
            self.shrink();
            return None;
        }
        let mut rest = Remaining {
            queued: self.take_out(),
            ..Remaining::default()
        };
        let Some(late) = &mut self.late else {
            return Some(rest);
        };
        let (mut messages, mut reservations) = late.waiting.take();
        while let Some(message) = messages.pop_front() {
            match message {
                WaitingMessage::Sender(envelope, WithdrawKey::Accepted) => {
                    rest.queued.push_back(envelope.into())
                }
                WaitingMessage::Sender(envelope, WithdrawKey::Asked(ticket)) => {
                    rest.waiting.push_back(envelope.into());
                    rest.tickets.extend(ticket);
                }
                WaitingMessage::Sender(envelope, WithdrawKey::Watched(ticket)) => {
                    rest.refused.push_back(envelope.into());
                    rest.tickets.push(ticket);
                }
                WaitingMessage::System(system) => {
                    rest.queued.push_back(QueueEntry::System(system));
                }
            }
        }
        while let Some(ticket) = reservations.pop_front() {
            rest.tickets.push(ticket);
        }
        Some(rest)
    }
}
