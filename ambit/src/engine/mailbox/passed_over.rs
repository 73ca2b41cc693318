//! The entries that a search has passed over: they come before the queue, and the next search of the same kind begins
//! behind them.

use std::collections::VecDeque;

use super::envelope::QueueEntry;

/// The entries before the queue, in arrival order.
pub(super) struct PassedOver<M, N> {
    pub(super) entries: VecDeque<QueueEntry<M, N>>,
    /// The search that has passed over them.
    pub(super) by: SearchKind,
}

/// The kind of entry that a search looks for. A kind accepts the same entries at all times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SearchKind {
    /// An entry that the process wants.
    #[default]
    Wanted,
    /// A message that may be dropped.
    Droppable,
}

impl<M, N> Default for PassedOver<M, N> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            by: SearchKind::default(),
        }
    }
}

impl<M, N> PassedOver<M, N> {
    /// Releases the memory of an empty queue.
    pub(super) fn shrink(&mut self) {
        if self.entries.is_empty() {
            self.entries = VecDeque::new();
        }
    }

    /// Returns how many entries fit into the allocated memory.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        self.entries.capacity()
    }
}
