//! The wait list of a full mailbox: messages with their senders, and reservations.
//!
//! Both are numbered from one counter, and the lower number is admitted first. They are two queues, because an entry
//! that needs no permit (a system message, a message with a reserved permit) must come after the waiting messages,
//! which may be of the same sender, but not after a reservation, which is no message.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Envelope;
use crate::engine::keyed_queue::KeyedQueue;
use crate::engine::queue_ticket::QueueTicket;

/// The right to withdraw a waiting message.
pub(super) enum WithdrawKey {
    /// A cast: the ticket reports the end of its wait, and its sender may withdraw it.
    Watched(Arc<QueueTicket>),
    /// A call: its question reports the outcome, and its caller may withdraw it. The ticket, if there is one, reports
    /// the end of its wait too.
    Asked(Option<Arc<QueueTicket>>),
    /// It has been accepted already, and cannot be withdrawn.
    Accepted,
}

impl WithdrawKey {
    fn into_ticket(self) -> Option<Arc<QueueTicket>> {
        match self {
            Self::Watched(ticket) => Some(ticket),
            Self::Asked(ticket) => ticket,
            Self::Accepted => None,
        }
    }
}

/// A message or a reservation that no longer waits. Settled and dropped without a lock.
pub(crate) struct Withdrawn<M> {
    pub(crate) message: Option<Envelope<M>>,
    /// The ticket of a watched call. The sender of a cast withdraws its message itself.
    pub(crate) ticket: Option<Arc<QueueTicket>>,
}

impl<M> Default for Withdrawn<M> {
    fn default() -> Self {
        Self {
            message: None,
            ticket: None,
        }
    }
}

/// A waiting message.
pub(super) enum WaitingMessage<M, N> {
    Sender(Envelope<M>, WithdrawKey),
    /// Takes no permit, and overtakes no message.
    System(N),
}

/// The next entry to be admitted.
pub(super) enum NextAdmitted<M, N> {
    Message(Envelope<M>, Option<Arc<QueueTicket>>),
    Permit(Arc<QueueTicket>),
    System(N),
}

pub(super) struct WaitList<M, N> {
    messages: KeyedQueue<WaitingMessage<M, N>>,
    reservations: KeyedQueue<Arc<QueueTicket>>,
    /// The number of messages that take a permit.
    senders: usize,
    /// The ids of the system messages, in order.
    systems: VecDeque<u64>,
    next_id: u64,
}

impl<M, N> Default for WaitList<M, N> {
    fn default() -> Self {
        Self {
            messages: KeyedQueue::default(),
            reservations: KeyedQueue::default(),
            senders: 0,
            systems: VecDeque::new(),
            next_id: 0,
        }
    }
}

impl<M, N> WaitList<M, N> {
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.reservations.is_empty()
    }

    pub(super) fn has_messages(&self) -> bool {
        !self.messages.is_empty()
    }

    pub(super) fn senders(&self) -> usize {
        self.senders
    }

    /// Returns a new id; ids are never reused.
    pub(super) fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    pub(super) fn add_sender(&mut self, envelope: Envelope<M>, claim: WithdrawKey) -> u64 {
        let id = self.next_id();
        self.messages
            .push_back(id, WaitingMessage::Sender(envelope, claim));
        self.senders += 1;
        id
    }

    pub(super) fn add_system(&mut self, system: N) {
        let id = self.next_id();
        self.messages.push_back(id, WaitingMessage::System(system));
        self.systems.push_back(id);
    }

    /// Takes the first system message, before all messages of senders.
    pub(super) fn take_system(&mut self) -> Option<N> {
        let id = self.systems.pop_front()?;
        match self.messages.remove(id)? {
            WaitingMessage::System(system) => Some(system),
            // It has the id of a system message.
            WaitingMessage::Sender(..) => None,
        }
    }

    pub(super) fn add_reservation(&mut self, ticket: Arc<QueueTicket>) -> u64 {
        let id = self.next_id();
        self.reservations.push_back(id, ticket);
        id
    }

    /// Returns true if [`next`](Self::next) would return an entry.
    pub(super) fn has_next(&self, has_capacity: bool) -> bool {
        match self.messages.front() {
            Some((_, WaitingMessage::System(_))) => true,
            _ => has_capacity && !self.is_empty(),
        }
    }

    /// Takes the next entry to be admitted: the first arrival, if there is capacity; system messages need none.
    pub(super) fn next(&mut self, has_capacity: bool) -> Option<NextAdmitted<M, N>> {
        if !self.has_next(has_capacity) {
            return None;
        }
        let reserved = self.reservations.front().map(|(id, _)| id);
        match self.messages.front() {
            Some((id, WaitingMessage::Sender(..)))
                if reserved.is_some_and(|reserved| reserved < id) => {}
            Some(_) => return self.next_message(),
            None => {}
        }
        self.reservations.pop_front().map(NextAdmitted::Permit)
    }

    /// Takes the first message, even if reservations are older.
    pub(super) fn next_message(&mut self) -> Option<NextAdmitted<M, N>> {
        Some(match self.messages.pop_front()? {
            WaitingMessage::System(system) => {
                self.systems.pop_front();
                NextAdmitted::System(system)
            }
            WaitingMessage::Sender(envelope, claim) => {
                self.senders -= 1;
                NextAdmitted::Message(envelope, claim.into_ticket())
            }
        })
    }

    /// Sets the ticket of a waiting call. Returns false if it no longer waits.
    #[cfg(feature = "remote")]
    pub(super) fn watch_call(&mut self, id: u64, ticket: &Arc<QueueTicket>) -> bool {
        match self.messages.get_mut(id) {
            Some(WaitingMessage::Sender(_, WithdrawKey::Asked(watched))) => {
                *watched = Some(ticket.clone());
                true
            }
            _ => false,
        }
    }

    /// Withdraws a message or a reservation; `None` if it no longer waits.
    pub(super) fn withdraw(&mut self, id: u64) -> Option<Withdrawn<M>> {
        match self.messages.remove(id) {
            Some(WaitingMessage::Sender(message, claim)) => {
                self.senders -= 1;
                let ticket = match claim {
                    WithdrawKey::Asked(ticket) => ticket,
                    WithdrawKey::Watched(_) | WithdrawKey::Accepted => None,
                };
                let message = Some(message);
                Some(Withdrawn { message, ticket })
            }
            // No sender has the id of a system message.
            Some(WaitingMessage::System(_)) => Some(Withdrawn::default()),
            None => self.reservations.remove(id).map(|_| Withdrawn::default()),
        }
    }

    /// Takes all entries when the mailbox is closed: the messages and the reservations, both in order.
    pub(super) fn take(
        &mut self,
    ) -> (
        KeyedQueue<WaitingMessage<M, N>>,
        KeyedQueue<Arc<QueueTicket>>,
    ) {
        self.senders = 0;
        self.systems.clear();
        let messages = std::mem::take(&mut self.messages);
        (messages, std::mem::take(&mut self.reservations))
    }

    pub(super) fn shrink(&mut self) {
        self.messages.shrink();
        self.reservations.shrink();
        if self.systems.is_empty() {
            self.systems = VecDeque::new();
        }
    }

    /// Returns how many entries fit into the allocated memory.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.messages.capacity() + self.reservations.capacity()
    }

    /// Returns the number of waiting entries.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.messages.len() + self.reservations.len()
    }

    /// Returns true if the first message can be admitted without a permit.
    #[cfg(test)]
    pub(super) fn begins_with_system(&self) -> bool {
        matches!(self.messages.front(), Some((_, WaitingMessage::System(_))))
    }
}
