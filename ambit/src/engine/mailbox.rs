//! One queue per process, in arrival order: a pure store, without a clock and without tasks.
//!
//! User messages take one of the permits; notes (what the system sends) take none and are never refused. When the
//! permits are used up, senders stand with their message in the wait list, and so does every note that comes after
//! them: queue and wait list are one order.

mod glance;
mod letter;

use std::collections::VecDeque;
use std::sync::Arc;

pub(crate) use self::glance::Glance;
pub(crate) use self::letter::{Bare, Entry, Letter};
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
    /// Made when it is first needed: most mailboxes never do, and idle ones are many.
    late: Option<Box<Late<M, N>>>,
    /// How many entries have been taken from the queue so far.
    taken: u64,
    /// Permits in use: user messages that have not begun to be handled, and permits that are reserved.
    used: u32,
    /// User messages that have not begun to be handled.
    users: u32,
    capacity: u32,
    overflow: Overflow,
    closed: bool,
}

/// What does not go straight through the queue.
struct Late<M, N> {
    waiting: VecDeque<Waiting<M, N>>,
    next_id: u64,
    /// Notes that were passed over; their content is the user's and must not be dropped under a lock.
    void: Vec<Entry<M, N>>,
}

impl<M, N> Default for Late<M, N> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            next_id: 0,
            void: Vec::new(),
        }
    }
}

impl<M, N> Late<M, N> {
    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

impl<M, N: Note> Mailbox<M, N> {
    /// A capacity beyond what fits in memory is none.
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

    fn late(&mut self) -> &mut Late<M, N> {
        self.late.get_or_insert_default()
    }

    fn waiting(&self) -> impl Iterator<Item = &Waiting<M, N>> {
        self.late.iter().flat_map(|late| &late.waiting)
    }

    /// Decides about one user message; `may_wait` says no for `.now()` and for a server that sends to itself.
    pub(crate) fn room(&mut self, may_wait: impl FnOnce() -> bool) -> Room<M> {
        if self.closed {
            return Room::Closed;
        }
        if !self.is_full() {
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
        let oldest = self.ready.iter().position(Entry::is_user);
        let removed = oldest
            .filter(|_| !self.has_waiting())
            .and_then(|n| self.ready.remove(n));
        match removed.map(Entry::open) {
            Some(Ok(letter)) => {
                self.used -= 1;
                self.users -= 1;
                self.taken += 1;
                Room::Free(Some(letter))
            }
            // The only message has just been taken, and is as good as begun.
            _ if self.users > 0 && !self.has_waiting() => Room::Free(None),
            // Every permit is reserved: there is nothing to push out.
            _ => Room::Full,
        }
    }

    /// Puts in a message for which [`room`](Self::room) answered `Free`.
    pub(crate) fn push(&mut self, letter: impl Into<Entry<M, N>>) {
        self.used += 1;
        self.push_reserved(letter);
    }

    /// Puts a message for which [`room`](Self::room) answered `Wait` into the wait list.
    pub(crate) fn wait(&mut self, letter: Letter<M>, ticket: Option<Arc<Ticket>>) -> u64 {
        let late = self.late();
        let id = late.next_id();
        late.waiting
            .push_back(Waiting::Sender { id, letter, ticket });
        id
    }

    /// Takes a permit now, or says when to come back; `None` if the mailbox is closed.
    pub(crate) fn reserve(&mut self, ticket: &Arc<Ticket>) -> Option<u64> {
        if self.closed {
            return None;
        }
        let is_full = self.is_full();
        let late = self.late();
        let id = late.next_id();
        if is_full {
            let ticket = ticket.clone();
            late.waiting.push_back(Waiting::Reserver { id, ticket });
        } else {
            self.used += 1;
            ticket.settle(Outcome::Admitted);
        }
        Some(id)
    }

    /// Puts in a message whose permit is already held.
    pub(crate) fn push_reserved(&mut self, letter: impl Into<Entry<M, N>>) {
        self.users += 1;
        self.ready.push_back(letter.into());
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
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
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

    /// Whether there is no room though nothing is queued.
    pub(crate) fn is_reserved(&self) -> bool {
        self.used >= self.capacity && self.users == 0
    }

    /// Whether anybody waits for room.
    pub(crate) fn has_waiting(&self) -> bool {
        self.late
            .as_ref()
            .is_some_and(|late| !late.waiting.is_empty())
    }

    /// Moves what is queued into `batch`, which is empty; the permits stay in use until [`begun`](Self::begun). Under
    /// `DropOldest` one entry only: the others may still be pushed out.
    pub(crate) fn take_batch(&mut self, batch: &mut VecDeque<Entry<M, N>>) {
        if self.ready.is_empty() {
            return;
        }
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
        // The rest stays: an id is never given twice.
        if let Some(late) = &mut self.late {
            late.waiting.shrink_to_fit();
        }
    }

    /// Puts in a system message; gives it back if the mailbox is closed.
    pub(crate) fn note(&mut self, note: N) -> Result<(), N> {
        if self.closed {
            return Err(note);
        }
        match &mut self.late {
            Some(late) if !late.waiting.is_empty() => late.waiting.push_back(Waiting::Note(note)),
            _ => self.ready.push_back(Entry::Note(note)),
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
            let void = self.ready.pop_front();
            self.late().void.extend(void);
        }
        if entry.is_user() {
            self.begun(1);
        }
        Some(entry)
    }

    fn is_void(entry: &Entry<M, N>) -> bool {
        matches!(entry, Entry::Note(note) if note.is_void())
    }

    /// Moves in from the wait list what there is room for.
    fn admit(&mut self) {
        while let Some(late) = &mut self.late
            && let Some(first) = late.waiting.front()
        {
            if first.id().is_some() && self.used >= self.capacity {
                return;
            }
            match late.waiting.pop_front() {
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
        let waiting = &mut self.late.as_mut()?.waiting;
        let at = waiting.iter().position(|one| one.id() == Some(id))?;
        let removed = waiting.remove(at);
        self.admit();
        match removed? {
            Waiting::Sender { letter, .. } => Some(Some(letter)),
            Waiting::Reserver { .. } | Waiting::Note(_) => Some(None),
        }
    }

    /// Removes the notes that `unwanted` names; tells how many there were.
    pub(crate) fn remove_notes(&mut self, unwanted: impl Fn(&N) -> bool) -> usize {
        let before = self.ready.len() + self.waiting().count();
        self.ready
            .retain(|entry| !matches!(entry, Entry::Note(note) if unwanted(note)));
        if let Some(late) = &mut self.late {
            late.waiting
                .retain(|entry| !matches!(entry, Waiting::Note(note) if unwanted(note)));
        }
        let removed = before - self.ready.len() - self.waiting().count();
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
        let late = self.late.as_mut();
        let waiting = late.map(|late| std::mem::take(&mut late.waiting));
        let mut rest = Rest {
            queued: std::mem::take(&mut self.ready).into(),
            refused: Vec::new(),
        };
        for entry in waiting.into_iter().flatten() {
            match entry {
                Waiting::Sender {
                    letter,
                    ticket: None,
                    ..
                } => {
                    rest.queued.push(letter.into());
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
        let late = self.late.as_mut();
        late.map(|late| std::mem::take(&mut late.void))
            .unwrap_or_default()
    }

    /// How many user messages are queued or waiting.
    pub(crate) fn queued(&self) -> usize {
        let senders = self
            .waiting()
            .filter(|w| matches!(w, Waiting::Sender { .. }));
        self.users as usize + senders.count()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ready.iter().all(Self::is_void)
    }

    /// How many more user messages fit.
    #[cfg(any(test, feature = "test"))]
    pub(crate) fn free(&self) -> usize {
        self.capacity.saturating_sub(self.used) as usize
    }
}

#[cfg(test)]
mod tests;
