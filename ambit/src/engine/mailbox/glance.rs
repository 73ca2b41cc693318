//! A look at a queue from outside.

use super::{Entry, Mailbox, Note};

/// What a queue looks like from outside. Entries are numbered from 0 in the order in which they came, so two glances tell
/// how long the oldest has waited at least.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// How many user messages are queued or wait for room.
    pub(crate) queued: usize,
    /// How many may be queued; none if that is not bounded.
    pub(crate) capacity: Option<usize>,
    /// Every entry below this number has begun. A system message may count as begun before it has.
    pub(crate) begun: u64,
    /// The number of the entry that comes next.
    pub(crate) next: u64,
}

/// A glance looks at so many entries at most: it holds the lock. Notes beyond them count as user messages.
const GLANCED_AT: usize = 4_096;

impl<M, N: Note> Mailbox<M, N> {
    pub(crate) fn glance(&self) -> Glance {
        let seen = self.ready.iter().take(GLANCED_AT);
        let notes = seen.filter(|entry| matches!(entry, Entry::Note(_))).count();
        let users_ready = self.ready.len() - notes;
        let in_batch = (self.users as usize).saturating_sub(users_ready);
        Glance {
            queued: self.queued(),
            capacity: (self.capacity != u32::MAX).then_some(self.capacity as usize),
            begun: self.taken.saturating_sub(in_batch as u64),
            next: self.taken + self.ready.len() as u64,
        }
    }
}
