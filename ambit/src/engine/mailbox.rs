//! One queue per process, in arrival order: a pure store, without a clock and without tasks.
//!
//! User messages take one of the permits; notes (what the system sends) take none and are never refused. When the
//! permits are used up, senders stand with their message in the wait list, and so does every note that comes after
//! them: queue and wait list are one order.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::engine::reply::Question;
use crate::engine::ticket::{Outcome, Ticket};

/// What a mailbox does with a user message when it has no room.
///
/// ```
/// use ambit::prelude::*;
/// struct Ticker;
/// #[gen_server(mailbox = 16, overflow = drop_oldest)]
/// impl Ticker {
///     #[cast]
///     fn tick(&mut self) {}
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// The sender waits inside its deadline; `.now()` answers `Full`.
    #[default]
    Wait,
    /// Answers `Full` at once.
    Reject,
    /// Drops the message that came: its sender is told `Full`, and it becomes a dead letter.
    DropNewest,
    /// Drops the oldest queued user message: its caller, if it was a call, is told `Full`, and it becomes a dead letter.
    DropOldest,
}

/// How many user messages a mailbox holds unless it is told otherwise.
pub(crate) const DEFAULT_CAPACITY: usize = 1024;

/// A system message: tells whether it has lost its sense meanwhile (a cancelled timer).
pub(crate) trait Note: Send {
    fn is_void(&self) -> bool;
}

/// One entry of the queue.
pub(crate) enum Entry<M, N> {
    User(Letter<M>),
    Note(N),
}

/// A user message, and for a call the question that its sender waits for.
pub(crate) struct Letter<M> {
    pub(crate) item: M,
    pub(crate) question: Option<Arc<dyn Question>>,
}

enum Waiting<M, N> {
    Sender {
        id: u64,
        letter: Letter<M>,
        ticket: Option<Arc<Ticket>>,
    },
    Reserver {
        id: u64,
        ticket: Arc<Ticket>,
    },
    Note(N),
}

impl<M, N> Waiting<M, N> {
    fn id(&self) -> Option<u64> {
        match self {
            Self::Sender { id, .. } | Self::Reserver { id, .. } => Some(*id),
            Self::Note(_) => None,
        }
    }
}

/// What the mailbox says to a message before it takes it.
pub(crate) enum Room<M> {
    /// It goes in; under `DropOldest` this one was pushed out for it.
    Free(Option<Letter<M>>),
    /// It may wait.
    Wait,
    Full,
    /// Full, and the policy is to drop what comes.
    Drop,
    Closed,
}

/// What was left in a mailbox when it was closed.
pub(crate) struct Rest<M, N> {
    /// In order of arrival.
    pub(crate) queued: Vec<Entry<M, N>>,
    /// Messages whose senders still waited for room and are told so.
    pub(crate) refused: Vec<Letter<M>>,
}

pub(crate) struct Mailbox<M, N> {
    ready: VecDeque<Entry<M, N>>,
    waiting: VecDeque<Waiting<M, N>>,
    /// Permits in use: user messages that have not begun to be handled, and permits that are reserved.
    used: usize,
    /// User messages that have not begun to be handled.
    users: usize,
    capacity: usize,
    overflow: Overflow,
    closed: bool,
    next_id: u64,
    /// How many entries have been taken from the queue so far.
    taken: u64,
    /// Notes that were passed over; their content is the user's and must not be dropped under a lock.
    void: Vec<Entry<M, N>>,
}

impl<M, N: Note> Mailbox<M, N> {
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Self {
            ready: VecDeque::new(),
            waiting: VecDeque::new(),
            used: 0,
            users: 0,
            capacity,
            overflow,
            closed: false,
            next_id: 0,
            taken: 0,
            void: Vec::new(),
        }
    }

    /// Decides about one user message; `may_wait` says no for `.now()` and for a server that sends to itself.
    pub(crate) fn room(&mut self, may_wait: impl FnOnce() -> bool) -> Room<M> {
        if self.closed {
            return Room::Closed;
        }
        if self.waiting.is_empty() && self.used < self.capacity {
            return Room::Free(None);
        }
        match self.overflow {
            Overflow::Wait if may_wait() => Room::Wait,
            Overflow::Wait | Overflow::Reject => Room::Full,
            Overflow::DropNewest => Room::Drop,
            Overflow::DropOldest => self.push_out(),
        }
    }

    fn push_out(&mut self) -> Room<M> {
        let oldest = self
            .ready
            .iter()
            .position(|entry| matches!(entry, Entry::User(_)));
        let removed = oldest
            .filter(|_| self.waiting.is_empty())
            .and_then(|n| self.ready.remove(n));
        match removed {
            Some(Entry::User(letter)) => {
                self.used -= 1;
                self.users -= 1;
                self.taken += 1;
                Room::Free(Some(letter))
            }
            // Every permit is reserved: there is nothing to push out.
            _ => Room::Full,
        }
    }

    /// Puts in a message for which [`room`](Self::room) answered `Free`.
    pub(crate) fn push(&mut self, letter: Letter<M>) {
        self.used += 1;
        self.push_reserved(letter);
    }

    /// Puts a message for which [`room`](Self::room) answered `Wait` into the wait list.
    pub(crate) fn wait(&mut self, letter: Letter<M>, ticket: Option<Arc<Ticket>>) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting
            .push_back(Waiting::Sender { id, letter, ticket });
        id
    }

    /// Takes a permit now, or says when to come back; `None` if the mailbox is closed.
    pub(crate) fn reserve(&mut self, ticket: &Arc<Ticket>) -> Option<u64> {
        let id = self.next_id;
        self.next_id += 1;
        if self.closed {
            return None;
        }
        if self.waiting.is_empty() && self.used < self.capacity {
            self.used += 1;
            ticket.settle(Outcome::Admitted);
        } else {
            self.waiting.push_back(Waiting::Reserver {
                id,
                ticket: ticket.clone(),
            });
        }
        Some(id)
    }

    /// Puts in a message whose permit is already held.
    pub(crate) fn push_reserved(&mut self, letter: Letter<M>) {
        self.users += 1;
        self.ready.push_back(Entry::User(letter));
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Gives one reserved permit back.
    pub(crate) fn release(&mut self) {
        self.used = self.used.saturating_sub(1);
        self.admit();
    }

    /// So many user messages have begun to be handled: their permits are free.
    pub(crate) fn begun(&mut self, messages: usize) {
        self.users = self.users.saturating_sub(messages);
        self.used = self.used.saturating_sub(messages);
        self.admit();
    }

    /// Whether a user message that came now would go in at once.
    pub(crate) fn is_free(&self) -> bool {
        !self.closed && !self.is_full()
    }

    /// Whether a user message that came now would find no room.
    pub(crate) fn is_full(&self) -> bool {
        self.used >= self.capacity || self.has_waiting()
    }

    /// Whether anybody waits for room.
    pub(crate) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Moves what is queued into `batch`, which is empty; the permits stay in use until [`begun`](Self::begun). Under
    /// `DropOldest` one entry only: the others may still be pushed out.
    pub(crate) fn take_batch(&mut self, batch: &mut VecDeque<Entry<M, N>>) {
        if self.overflow == Overflow::DropOldest {
            batch.extend(self.ready.pop_front());
        } else {
            std::mem::swap(&mut self.ready, batch);
        }
        self.taken += batch.len() as u64;
    }

    /// Gives back the memory of an empty queue.
    pub(crate) fn shrink(&mut self) {
        self.ready.shrink_to_fit();
        self.waiting.shrink_to_fit();
    }

    /// Puts in a system message; gives it back if the mailbox is closed.
    pub(crate) fn note(&mut self, note: N) -> Result<(), N> {
        if self.closed {
            return Err(note);
        }
        if self.waiting.is_empty() {
            self.ready.push_back(Entry::Note(note));
        } else {
            self.waiting.push_back(Waiting::Note(note));
        }
        Ok(())
    }

    /// The first entry that `wanted` accepts; those before it stay where they are. Its permit is free from now on.
    pub(crate) fn take_first(
        &mut self,
        wanted: impl Fn(&Entry<M, N>) -> bool,
    ) -> Option<Entry<M, N>> {
        let at = self
            .ready
            .iter()
            .position(|entry| !Self::is_void(entry) && wanted(entry))?;
        let entry = self.ready.remove(at)?;
        self.taken += 1;
        while self.ready.front().is_some_and(Self::is_void) {
            self.void.extend(self.ready.pop_front());
        }
        if matches!(entry, Entry::User(_)) {
            self.begun(1);
        }
        Some(entry)
    }

    fn is_void(entry: &Entry<M, N>) -> bool {
        matches!(entry, Entry::Note(note) if note.is_void())
    }

    /// Moves in from the wait list what there is room for.
    fn admit(&mut self) {
        while let Some(first) = self.waiting.front() {
            if first.id().is_some() && self.used >= self.capacity {
                return;
            }
            match self.waiting.pop_front() {
                Some(Waiting::Sender { letter, ticket, .. }) => {
                    self.push(letter);
                    if let Some(ticket) = ticket {
                        ticket.settle(Outcome::Admitted);
                    }
                }
                Some(Waiting::Reserver { ticket, .. }) => {
                    self.used += 1;
                    ticket.settle(Outcome::Admitted);
                }
                Some(Waiting::Note(note)) => self.ready.push_back(Entry::Note(note)),
                None => return,
            }
        }
    }

    /// Takes a waiting message or reservation back; `None` if it is no longer in the wait list.
    pub(crate) fn withdraw(&mut self, id: u64) -> Option<Option<Letter<M>>> {
        let at = self
            .waiting
            .iter()
            .position(|waiting| waiting.id() == Some(id))?;
        let removed = self.waiting.remove(at);
        self.admit();
        match removed? {
            Waiting::Sender { letter, .. } => Some(Some(letter)),
            Waiting::Reserver { .. } | Waiting::Note(_) => Some(None),
        }
    }

    /// Removes the notes that `unwanted` names; tells how many there were.
    pub(crate) fn remove_notes(&mut self, unwanted: impl Fn(&N) -> bool) -> usize {
        let before = self.ready.len() + self.waiting.len();
        self.ready
            .retain(|entry| !matches!(entry, Entry::Note(note) if unwanted(note)));
        self.waiting
            .retain(|entry| !matches!(entry, Waiting::Note(note) if unwanted(note)));
        let removed = before - self.ready.len() - self.waiting.len();
        self.taken += removed as u64;
        removed
    }

    /// Takes the whole queue out, for a look without the lock; [`put_back`](Self::put_back) returns it.
    pub(crate) fn take_out(&mut self) -> VecDeque<Entry<M, N>> {
        std::mem::take(&mut self.ready)
    }

    /// Returns what [`take_out`](Self::take_out) took, before everything that came meanwhile.
    pub(crate) fn put_back(&mut self, mut taken: VecDeque<Entry<M, N>>) {
        taken.append(&mut self.ready);
        self.ready = taken;
    }

    /// How many entries have been taken from the queue so far; tells a look whether it may go on.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Closes the mailbox: nothing is accepted any more, and who waited for room is told.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// Hands out everything that was queued or waiting when the mailbox was closed, in order.
    pub(crate) fn drain(&mut self) -> Rest<M, N> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = Rest {
            queued: std::mem::take(&mut self.ready).into(),
            refused: Vec::new(),
        };
        for entry in waiting {
            match entry {
                Waiting::Sender {
                    letter,
                    ticket: None,
                    ..
                } => {
                    rest.queued.push(Entry::User(letter));
                }
                Waiting::Sender {
                    letter,
                    ticket: Some(ticket),
                    ..
                } => {
                    rest.refused.push(letter);
                    ticket.settle(Outcome::Closed);
                }
                Waiting::Reserver { ticket, .. } => ticket.settle(Outcome::Closed),
                Waiting::Note(note) => rest.queued.push(Entry::Note(note)),
            }
        }
        (self.used, self.users) = (0, 0);
        rest
    }

    /// What was passed over since the last look, to be dropped without a lock.
    pub(crate) fn void(&mut self) -> Vec<Entry<M, N>> {
        std::mem::take(&mut self.void)
    }

    /// How many user messages are queued or waiting.
    pub(crate) fn queued(&self) -> usize {
        let senders = self
            .waiting
            .iter()
            .filter(|w| matches!(w, Waiting::Sender { .. }));
        self.users + senders.count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ready.iter().all(Self::is_void)
    }

    /// How many more user messages fit.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn free(&self) -> usize {
        self.capacity.saturating_sub(self.used)
    }
}

#[cfg(test)]
mod tests;
