//! A snapshot of a queue.

use super::{Mailbox, QueueEntry, Voidable};

/// A snapshot of a queue. Entries are numbered from 0 in arrival order, so two snapshots give a lower bound for the
/// waiting time of the oldest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueSnapshot {
    /// The number of user messages that are queued or wait for capacity.
    pub(crate) queued: usize,
    /// The maximum number of queued user messages; `None` if unbounded.
    pub(crate) capacity: Option<usize>,
    /// Every entry below this number has begun. A system message may count as begun earlier.
    pub(crate) begun: u64,
    /// The number of the next entry.
    pub(crate) next: u64,
}

/// The maximum number of entries that a snapshot reads, because it holds the lock. System messages beyond them count as
/// user messages.
const GLANCED_AT: usize = 4_096;

impl<M, N: Voidable> Mailbox<M, N> {
    pub(crate) fn queue_snapshot(&self) -> QueueSnapshot {
        let mut system = 0;
        for index in 0..self.len().min(GLANCED_AT) {
            system += usize::from(matches!(self.get(index), Some(QueueEntry::System(_))));
        }
        let users_ready = self.len() - system;
        let in_batch = (self.users as usize).saturating_sub(users_ready);
        QueueSnapshot {
            queued: self.queued(),
            capacity: (self.capacity != u32::MAX).then_some(self.capacity as usize),
            begun: self.taken.saturating_sub(in_batch as u64),
            next: self.taken + self.len() as u64,
        }
    }
}
