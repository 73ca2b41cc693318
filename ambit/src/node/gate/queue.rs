//! A queue from whose middle an entry can be taken by its id.

use std::collections::BTreeMap;

/// Ids come in any order; positions are those of the queue.
pub(super) struct Queue<T> {
    entries: BTreeMap<i64, (Option<u64>, T)>,
    /// Where the entries with an id are.
    positions: BTreeMap<u64, i64>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self {
            entries: BTreeMap::new(),
            positions: BTreeMap::new(),
        }
    }
}

impl<T> Queue<T> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// In order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|(_, entry)| entry)
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.entries.first_key_value().map(|(_, (_, entry))| entry)
    }

    pub(super) fn push_back(&mut self, id: Option<u64>, entry: T) {
        let last = self.entries.last_key_value().map_or(0, |(last, _)| *last);
        self.insert(last + 1, id, entry);
    }

    pub(super) fn push_front(&mut self, id: Option<u64>, entry: T) {
        let first = self
            .entries
            .first_key_value()
            .map_or(0, |(first, _)| *first);
        self.insert(first - 1, id, entry);
    }

    fn insert(&mut self, position: i64, id: Option<u64>, entry: T) {
        self.entries.insert(position, (id, entry));
        if let Some(id) = id {
            self.positions.insert(id, position);
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let (_, (id, entry)) = self.entries.pop_first()?;
        if let Some(id) = id {
            self.positions.remove(&id);
        }
        Some(entry)
    }

    /// Takes the entry with this id, wherever it is.
    pub(super) fn remove(&mut self, id: u64) -> Option<T> {
        let position = self.positions.remove(&id)?;
        self.entries.remove(&position).map(|(_, entry)| entry)
    }

    /// Takes everything, in order.
    pub(super) fn take(&mut self) -> impl Iterator<Item = T> + use<T> {
        let all = std::mem::take(self);
        all.entries.into_values().map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_by_its_id_leaves_the_order_of_the_others() {
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
}
