//! One queue per process, in arrival order: a pure store, without a clock and without tasks.
//!
//! A user message takes a permit; system messages (the type parameter `N`) take none and are never refused. Without a
//! free permit, senders wait with their messages in the wait list, and so does every later system message: queue and
//! wait list have one common order. A reserved permit guarantees that its message is accepted, but does not let it
//! overtake waiting messages.
//!
//! The mailbox wakes no task: [`admit`](Mailbox::admit) collects wakers, to be woken without the lock.

pub(crate) mod closing;
mod envelope;
pub(crate) mod overflow;
mod passed_over;
pub(crate) mod queue_snapshot;
mod search;
mod wait_list;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

pub(crate) use self::envelope::{Envelope, QueueEntry, QueuedMessage, join};
use self::overflow::Overflow;
use self::passed_over::PassedOver;
pub(crate) use self::wait_list::Withdrawn;
use self::wait_list::{NextAdmitted, WaitList, WithdrawKey};
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake_list::WakeList;

/// The default number of user messages that a mailbox holds.
pub(crate) const DEFAULT_CAPACITY: usize = 1024;

/// A system message; it may become void, like that of a cancelled timer.
pub(crate) trait Voidable: Send {
    fn is_void(&self) -> bool;
}

/// The mailbox's decision about a message before it takes it.
pub(crate) enum Admission<M> {
    /// It fits; under `DropOldest` this message was dropped for it.
    Free(Option<Envelope<M>>),
    /// It may wait.
    Wait,
    Full,
    /// The mailbox is full, and its policy drops new messages.
    Drop,
    Closed,
}

pub(crate) struct Mailbox<M, N> {
    /// The entries, in arrival order, behind those that a search has passed over.
    ready: VecDeque<QueueEntry<M, N>>,
    /// Allocated on first use: most mailboxes never need it, and there are many idle ones.
    late: Option<Box<SlowPath<M, N>>>,
    /// The number of entries taken from the queue so far.
    taken: u64,
    /// Permits in use: user messages that have not begun to be handled, and reserved permits.
    used: u32,
    /// User messages that have not begun to be handled.
    users: u32,
    capacity: u32,
    overflow: Overflow,
    closed: bool,
}

/// The parts that messages use only when they cannot go directly through the queue.
struct SlowPath<M, N> {
    waiting: WaitList<M, N>,
    passed: PassedOver<M, N>,
    /// Skipped void system messages; their content is user data and must not be dropped under a lock.
    void: VecDeque<QueueEntry<M, N>>,
}

impl<M, N> Default for SlowPath<M, N> {
    fn default() -> Self {
        Self {
            waiting: WaitList::default(),
            passed: PassedOver::default(),
            void: VecDeque::new(),
        }
    }
}

impl<M, N: Voidable> Mailbox<M, N> {
    /// Creates a mailbox. A capacity that exceeds `u32` is unbounded.
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            ready: VecDeque::new(),
            late: None,
            taken: 0,
            used: 0,
            users: 0,
            capacity: u32::try_from(capacity).unwrap_or(u32::MAX),
            overflow,
            closed: false,
        }
    }

    fn late(&mut self) -> &mut SlowPath<M, N> {
        self.late.get_or_insert_default()
    }

    /// Decides about one user message; `may_wait` is false for `.now()` and for a server that sends to itself.
    pub(crate) fn admission(&mut self, may_wait: impl FnOnce() -> bool) -> Admission<M> {
        if self.closed {
            return Admission::Closed;
        }
        if !self.is_full() {
            return Admission::Free(None);
        }
        match self.overflow {
            Overflow::Wait if may_wait() => Admission::Wait,
            Overflow::Wait | Overflow::Reject => Admission::Full,
            Overflow::DropNewest => Admission::Drop,
            Overflow::DropOldest => self.push_out(),
        }
    }

    /// Pushes a message for which [`admission`](Self::admission) returned `Free`.
    pub(crate) fn push(&mut self, envelope: impl Into<QueueEntry<M, N>>) {
        self.used += 1;
        self.enqueue(envelope);
    }

    /// Takes a permit where [`admission`](Self::admission) returned `Free`, for a message that is pushed later.
    pub(crate) fn take_permit(&mut self) {
        self.used += 1;
    }

    /// Puts a message for which [`admission`](Self::admission) returned `Wait` into the wait list. A call has no
    /// ticket: its question reports the outcome.
    pub(crate) fn wait(&mut self, envelope: Envelope<M>, ticket: Option<Arc<QueueTicket>>) -> u64 {
        let claim = ticket.map_or(WithdrawKey::Asked(None), WithdrawKey::Watched);
        self.late().waiting.add_sender(envelope, claim)
    }

    /// Pushes a message that the previous incarnation had accepted, or lets it wait for capacity.
    pub(crate) fn transfer(&mut self, entry: QueueEntry<M, N>) {
        debug_assert!(entry.is_user());
        if self.is_full() {
            self.wait_accepted(entry);
        } else {
            self.push(entry);
        }
    }

    /// Puts a user message that has been accepted already into the wait list.
    fn wait_accepted(&mut self, entry: QueueEntry<M, N>) {
        if let Ok(envelope) = entry.open() {
            let waiting = &mut self.late().waiting;
            waiting.add_sender(envelope, WithdrawKey::Accepted);
        }
    }

    /// Takes a permit now, or returns the id of the wait; `None` if the mailbox is closed. The ticket must be new: it
    /// has no waker yet.
    pub(crate) fn reserve(&mut self, ticket: &Arc<QueueTicket>) -> Option<u64> {
        if self.closed {
            return None;
        }
        if self.is_full() {
            return Some(self.late().waiting.add_reservation(ticket.clone()));
        }
        self.used += 1;
        drop(ticket.resolve(TicketOutcome::Admitted));
        Some(self.late().waiting.next_id())
    }

    /// Pushes a message whose permit is already held. If messages wait, it queues behind them, and its permit admits
    /// the first of them, whose waker is returned.
    pub(crate) fn push_reserved(&mut self, envelope: impl Into<QueueEntry<M, N>>) -> Option<Waker> {
        let entry = envelope.into();
        if !self.has_waiting_messages() {
            self.enqueue(entry);
            return None;
        }
        self.push_behind(entry)
    }

    #[cold]
    fn push_behind(&mut self, entry: QueueEntry<M, N>) -> Option<Waker> {
        loop {
            match self.late().waiting.next_message() {
                Some(NextAdmitted::System(system)) => {
                    self.ready.push_back(QueueEntry::System(system))
                }
                Some(NextAdmitted::Message(first, ticket)) => {
                    self.enqueue(first);
                    self.wait_accepted(entry);
                    return ticket?.resolve(TicketOutcome::Admitted);
                }
                Some(NextAdmitted::Permit(_)) | None => {
                    self.enqueue(entry);
                    return None;
                }
            }
        }
    }

    fn enqueue(&mut self, entry: impl Into<QueueEntry<M, N>>) {
        self.users += 1;
        self.ready.push_back(entry.into());
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Returns one reserved permit.
    pub(crate) fn release(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    /// Frees the permits of user messages that have begun to be handled.
    pub(crate) fn begun(&mut self, messages: usize) {
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        self.users = self.users.saturating_sub(messages);
        self.used = self.used.saturating_sub(messages);
    }

    /// Returns true if a new user message would be accepted at once.
    pub(crate) fn is_free(&self) -> bool {
        !self.closed && !self.is_full()
    }

    /// Returns true if there is no capacity for a new user message.
    pub(crate) fn is_full(&self) -> bool {
        self.used >= self.capacity || self.has_waiting()
    }

    /// Returns true if there is no capacity though nothing is queued.
    pub(crate) fn is_reserved(&self) -> bool {
        self.used >= self.capacity && self.users == 0
    }

    /// Returns true if a message or a reservation waits for capacity.
    pub(crate) fn has_waiting(&self) -> bool {
        matches!(&self.late, Some(late) if !late.waiting.is_empty())
    }

    fn has_waiting_messages(&self) -> bool {
        matches!(&self.late, Some(late) if late.waiting.has_messages())
    }

    fn has_capacity(&self) -> bool {
        self.used < self.capacity
    }

    /// Returns true if [`admit`](Self::admit) has anything to do.
    pub(crate) fn may_admit(&self) -> bool {
        matches!(&self.late, Some(late) if late.waiting.has_next(self.has_capacity()))
    }

    /// Moves the queued entries into the empty `batch`; their permits stay in use until [`begun`](Self::begun). Under
    /// `DropOldest` only one entry: the others may still be dropped.
    pub(crate) fn take_batch(&mut self, batch: &mut VecDeque<QueueEntry<M, N>>) {
        if self.is_empty() {
            return;
        }
        if self.overflow == Overflow::DropOldest {
            if let Some(entry) = self.pop_front() {
                batch.push_back(entry);
            }
        } else {
            if self.has_passed_over() {
                self.restore();
            }
            std::mem::swap(&mut self.ready, batch);
        }
        self.taken += batch.len() as u64;
    }

    /// Releases the memory of an empty queue.
    pub(crate) fn shrink(&mut self) {
        if self.ready.is_empty() && self.ready.capacity() > 0 {
            self.ready = VecDeque::new();
        }
        // The wait list itself stays, because ids are never reused.
        if let Some(late) = &mut self.late {
            late.waiting.shrink();
            late.passed.shrink();
        }
    }

    /// Queues a system message; returns it if the mailbox is closed.
    pub(crate) fn push_system(&mut self, system: N) -> Result<(), N> {
        if self.closed {
            return Err(system);
        }
        if self.has_waiting_messages() {
            self.late().waiting.add_system(system);
        } else {
            self.ready.push_back(QueueEntry::System(system));
        }
        Ok(())
    }

    /// Admits waiting entries with capacity, until `woken` is full; returns true if there are more.
    pub(crate) fn admit(&mut self, woken: &mut WakeList) -> bool {
        while !woken.is_full() {
            let has_capacity = self.has_capacity();
            let next = match &mut self.late {
                Some(late) => late.waiting.next(has_capacity),
                None => None,
            };
            match next {
                Some(NextAdmitted::Message(envelope, ticket)) => {
                    self.push(envelope);
                    woken.add(ticket.and_then(|ticket| ticket.resolve(TicketOutcome::Admitted)));
                }
                Some(NextAdmitted::Permit(ticket)) => {
                    self.used += 1;
                    woken.add(ticket.resolve(TicketOutcome::Admitted));
                }
                Some(NextAdmitted::System(system)) => {
                    self.ready.push_back(QueueEntry::System(system))
                }
                None => return false,
            }
        }
        self.may_admit()
    }

    /// Sets the ticket of a waiting call, which reports the end of its wait. Returns false if it is no longer in the
    /// wait list.
    #[cfg(feature = "remote")]
    pub(crate) fn watch_call(&mut self, id: u64, ticket: &Arc<QueueTicket>) -> bool {
        match &mut self.late {
            Some(late) => late.waiting.watch_call(id, ticket),
            None => false,
        }
    }

    /// Withdraws a waiting message or reservation; `None` if it is no longer in the wait list.
    pub(crate) fn withdraw(&mut self, id: u64) -> Option<Withdrawn<M>> {
        self.late.as_mut()?.waiting.withdraw(id)
    }

    /// Returns how many entries have been taken from the queue so far, so that a scan knows whether it may continue.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Returns the number of queued and waiting user messages.
    pub(crate) fn queued(&self) -> usize {
        let waiting = match &self.late {
            Some(late) => late.waiting.senders(),
            None => 0,
        };
        self.users as usize + waiting
    }

    /// Returns true if the queue is empty. Void system messages count as entries: see [`pass_void`](Self::pass_void).
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && !self.has_passed_over()
    }

    /// Returns the capacity for user messages.
    #[cfg(feature = "test")]
    pub(crate) fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Returns the remaining capacity for user messages.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.capacity.saturating_sub(self.used) as usize
    }
}

#[cfg(test)]
mod tests;
