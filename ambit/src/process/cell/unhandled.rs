//! The messages that a process leaves unhandled when it ends.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::vec;

use super::{ProcessCell, RetainedMailbox, RunnerState};
use crate::engine::mailbox::QueueEntry;
use crate::engine::mailbox::closing::Remaining;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake_list;
use crate::panics;
use crate::process::control_lane::Ask;
use crate::process::dead_letter::Undelivered;
use crate::process::header::RemainingQueue;
use crate::process::mailbox_item::MailboxItem;
use crate::process::system_message::SystemMessage;

pub(super) struct Unhandled<M: MailboxItem, L: RunnerState<M>> {
    cell: Arc<ProcessCell<M, L>>,
    tickets: vec::IntoIter<Arc<QueueTicket>>,
    queued: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    kept: Option<Arc<RetainedMailbox<M, L>>>,
    /// The queued messages for the retained mailbox.
    for_kept: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    waiting: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    refused: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    asks: VecDeque<Ask>,
}

impl<M: MailboxItem, L: RunnerState<M>> Unhandled<M, L> {
    pub(super) fn new(
        cell: Arc<ProcessCell<M, L>>,
        rest: Remaining<M, SystemMessage<M>>,
        asks: VecDeque<Ask>,
    ) -> Self {
        Self {
            kept: cell.kept(),
            for_kept: VecDeque::new(),
            cell,
            tickets: rest.tickets.into_iter(),
            queued: rest.queued,
            waiting: rest.waiting,
            refused: rest.refused,
            asks,
        }
    }

    fn end(&self, entry: QueueEntry<M, SystemMessage<M>>) {
        match entry.open() {
            Ok(envelope) => self.cell.dead_letter(envelope, Undelivered::Ended),
            Err(system) => self.cell.discard(system),
        }
    }
}

impl<M: MailboxItem, L: RunnerState<M>> RemainingQueue for Unhandled<M, L> {
    fn drop_next(&mut self) -> bool {
        if let Some(ticket) = self.tickets.next() {
            wake_list::wake(ticket.resolve(TicketOutcome::Closed));
        } else if let Some(entry) = self.queued.pop_front() {
            if entry.is_user() && self.kept.is_some() {
                self.for_kept.push_back(entry);
            } else {
                self.end(entry);
            }
        } else if let Some(kept) = self.kept.take() {
            kept.keep(mem::take(&mut self.for_kept));
        } else if let Some(entry) = self.waiting.pop_front() {
            // Their callers may retry: none of these messages was accepted.
            self.end(entry);
        } else if let Some(entry) = self.refused.pop_front() {
            panics::drop_quietly(entry);
        } else if let Some(ask) = self.asks.pop_front() {
            panics::drop_quietly(ask);
        } else {
            return false;
        }
        true
    }
}
