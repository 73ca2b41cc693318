//! A queue that can remove an entry from its middle by its id.

use std::collections::{BTreeMap, VecDeque};

/// Entries with an id can be removed from the middle. Ids come in any order.
pub(super) struct Queue<T> {
    /// `None` where an entry was removed; never at either end.
    entries: VecDeque<Option<Queued<T>>>,
    /// The position of the first entry.
    first: i64,
    /// The number of occupied positions.
    len: usize,
    /// The positions of the entries with an id.
    positions: BTreeMap<u64, i64>,
}

struct Queued<T> {
    id: Option<u64>,
    entry: T,
}

/// The capacity up to which an empty queue keeps its memory.
const SMALL: usize = 32;

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            entries: VecDeque::new(),
            first: 0,
            len: 0,
            positions: BTreeMap::new(),
        }
    }
}

impl<T> Queue<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Iterates over the entries in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().flatten().map(|queued| &queued.entry)
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.iter().next()
    }

    pub(super) fn push_back(&mut self, id: Option<u64>, entry: T) {
        if let Some(id) = id {
            let position = self.first + self.entries.len() as i64;
            self.positions.insert(id, position);
        }
        self.entries.push_back(Some(Queued { id, entry }));
        self.len += 1;
    }

    pub(super) fn push_front(&mut self, id: Option<u64>, entry: T) {
        self.first -= 1;
        if let Some(id) = id {
            self.positions.insert(id, self.first);
        }
        self.entries.push_front(Some(Queued { id, entry }));
        self.len += 1;
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let Queued { id, entry } = self.entries.pop_front()??;
        self.first += 1;
        if let Some(id) = id {
            self.positions.remove(&id);
        }
        self.taken();
        Some(entry)
    }

    /// Removes the entry with this id, at any position.
    pub(super) fn remove(&mut self, id: u64) -> Option<T> {
        let position = self.positions.remove(&id)?;
        let at = usize::try_from(position - self.first).ok()?;
        let queued = self.entries.get_mut(at)?.take()?;
        self.taken();
        Some(queued.entry)
    }

    /// Cleans up after a removal: no empty position at either end, and never more empty positions than entries.
    fn taken(&mut self) {
        self.len -= 1;
        while let Some(None) = self.entries.front() {
            self.entries.pop_front();
            self.first += 1;
        }
        while let Some(None) = self.entries.back() {
            self.entries.pop_back();
        }
        if self.entries.len() > 2 * self.len + SMALL {
            self.close_up();
        }
        if self.entries.is_empty() && self.entries.capacity() > SMALL {
            self.entries.shrink_to(self.entries.capacity() / 2);
        }
    }

    /// Compacts the entries.
    fn close_up(&mut self) {
        self.entries.retain(Option::is_some);
        let ids = self.entries.iter().flatten().map(|queued| queued.id);
        let placed = (self.first..).zip(ids);
        self.positions = placed
            .filter_map(|(position, id)| Some((id?, position)))
            .collect();
    }

    /// Takes all entries, in order.
    pub(super) fn take(&mut self) -> impl Iterator<Item = T> + use<T> {
        let all = std::mem::take(self);
        all.entries.into_iter().flatten().map(|queued| queued.entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removal_by_id_keeps_the_order_of_the_others() {
        let mut queue = Queue::default();
        for id in [7, 3, 9] {
            queue.push_back(Some(id), id);
        }
        queue.push_back(None, 0);
        queue.push_front(Some(1), 1);
        assert_eq!(
            (queue.remove(3), queue.remove(3), queue.len()),
            (Some(3), None, 4)
        );
        assert_eq!((queue.pop_front(), queue.remove(1)), (Some(1), None));
        assert_eq!(queue.front(), Some(&7));
        assert_eq!(queue.take().collect::<Vec<_>>(), [7, 9, 0]);
        assert!(queue.is_empty());
    }

    #[test]
    fn removed_entries_cost_no_memory_for_long() {
        let mut queue = Queue::default();
        queue.push_back(None, 0);
        for id in 1..10_000 {
            queue.push_back(Some(id), id);
            queue.push_back(Some(id + 10_000), id + 10_000);
            assert_eq!(queue.remove(id), Some(id));
            if id > 3 {
                assert_eq!(queue.remove(id + 10_000 - 3), Some(id + 10_000 - 3));
            }
            assert!(queue.entries.len() <= 2 * queue.len() + SMALL);
            assert!(queue.positions.len() < queue.len());
        }
        let left: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(left, [0, 19_997, 19_998, 19_999]);
        assert!(queue.is_empty() && queue.entries.capacity() <= 2 * SMALL + 2);
    }

    #[test]
    fn an_empty_queue_gives_its_memory_back_step_by_step() {
        let mut queue = Queue::default();
        (0..1_000).for_each(|entry| queue.push_back(None, entry));
        for _ in 0..10 {
            while queue.pop_front().is_some() {}
            queue.push_back(None, 0);
        }
        assert!(queue.entries.capacity() <= 2 * SMALL);
    }
}
