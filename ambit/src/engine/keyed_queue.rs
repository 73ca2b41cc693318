//! A queue from whose middle an element can be removed by its key, in logarithmic time.
//!
//! Keys ascend in arrival order, so a binary search finds them. Removing an element from the middle leaves a gap: gaps
//! at the ends are removed at once, and those in between when they outnumber the elements, so that time and memory stay
//! proportional to the length of the queue. Its memory shrinks with it.

use std::cmp::Ordering;
use std::collections::VecDeque;

use crate::shrink;

pub(crate) struct KeyedQueue<T> {
    /// Neither the first nor the last is a gap.
    entries: VecDeque<(u64, Option<T>)>,
    len: usize,
}

/// Up to this many gaps are never swept: for a short queue that does not pay off.
const SPARED: usize = 32;

impl<T> Default for KeyedQueue<T> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T> KeyedQueue<T> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: VecDeque::with_capacity(capacity),
            len: 0,
        }
    }

    #[cfg(any(test, feature = "test"))]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds an element at the end; `key` must be greater than all earlier keys.
    pub(crate) fn push_back(&mut self, key: u64, value: T) {
        debug_assert!(self.entries.back().is_none_or(|(last, _)| *last < key));
        self.entries.push_back((key, Some(value)));
        self.len += 1;
    }

    /// Returns the first element, with its key.
    pub(crate) fn front(&self) -> Option<(u64, &T)> {
        let (key, value) = self.entries.front()?;
        Some((*key, value.as_ref()?))
    }

    pub(crate) fn pop_front(&mut self) -> Option<T> {
        let (_, value) = self.entries.pop_front()?;
        self.len -= 1;
        self.trim();
        shrink::queue(&mut self.entries);
        value
    }

    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut T> {
        self.slot(key)?.as_mut()
    }

    /// Returns the slot of a key; a gap is a slot too.
    fn slot(&mut self, key: u64) -> Option<&mut Option<T>> {
        let at = find(self.entries.len(), key, &|at| self.entries[at].0)?;
        Some(&mut self.entries[at].1)
    }

    /// Removes the element with this key, at any position.
    pub(crate) fn remove(&mut self, key: u64) -> Option<T> {
        let value = self.slot(key)?.take()?;
        self.len -= 1;
        self.trim();
        if self.entries.len() > 2 * self.len + SPARED {
            self.sweep();
        }
        shrink::queue(&mut self.entries);
        Some(value)
    }

    /// Removes all gaps.
    fn sweep(&mut self) {
        for _ in 0..self.entries.len() {
            match self.entries.pop_front() {
                Some(entry) if entry.1.is_some() => self.entries.push_back(entry),
                _ => {}
            }
        }
    }

    /// Releases the memory of an empty queue.
    pub(crate) fn shrink(&mut self) {
        if self.entries.is_empty() {
            self.entries = VecDeque::new();
        }
    }

    /// Returns how many entries fit into the allocated memory.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    fn trim(&mut self) {
        while matches!(self.entries.front(), Some((_, None))) {
            self.entries.pop_front();
        }
        while matches!(self.entries.back(), Some((_, None))) {
            self.entries.pop_back();
        }
    }
}

/// Returns the index of a key among ascending ones. Compiled once: `binary_search` is code for each type of message.
fn find(len: usize, key: u64, key_at: &dyn Fn(usize) -> u64) -> Option<usize> {
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = from.midpoint(to);
        match key_at(middle).cmp(&key) {
            Ordering::Less => from = middle + 1,
            Ordering::Equal => return Some(middle),
            Ordering::Greater => to = middle,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::test_rng::TestRng;

    fn filled(keys: impl IntoIterator<Item = u64>) -> KeyedQueue<u64> {
        let mut queue = KeyedQueue::default();
        for key in keys {
            queue.push_back(key, key * 10);
        }
        queue
    }

    #[test]
    fn removal_by_key_keeps_the_order_of_the_others() {
        let mut queue = filled([2, 3, 5, 8]);
        assert_eq!(
            (queue.remove(4), queue.remove(9), queue.remove(1)),
            (None, None, None)
        );
        assert_eq!(queue.remove(3), Some(30));
        assert_eq!(queue.remove(3), None, "it is gone");
        assert_eq!((queue.len(), queue.front()), (3, Some((2, &20))));
        assert_eq!(queue.pop_front(), Some(20));
        assert_eq!(queue.front(), Some((5, &50)), "no gap is first");
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(rest, [50, 80]);
    }

    #[test]
    fn it_does_what_a_tree_does() {
        let mut random = TestRng::new(17);
        for _ in 0..200 {
            let (mut queue, mut tree) = (KeyedQueue::default(), BTreeMap::new());
            for key in 0..random.below(300_u64) {
                let known = random.below(key + 1);
                match random.below(4) {
                    0 => assert_eq!(queue.remove(known), tree.remove(&known)),
                    1 => assert_eq!(queue.pop_front(), tree.pop_first().map(|(_, value)| value)),
                    _ => {
                        queue.push_back(key, key * 10);
                        tree.insert(key, key * 10);
                    }
                }
                let first = tree.first_key_value().map(|(key, value)| (*key, value));
                assert_eq!((queue.len(), queue.front()), (tree.len(), first));
                assert_eq!(queue.get_mut(known), tree.get_mut(&known));
                assert_eq!(queue.is_empty(), tree.is_empty());
                let is_gap = |entry: Option<&(u64, Option<u64>)>| matches!(entry, Some((_, None)));
                assert!(!is_gap(queue.entries.front()) && !is_gap(queue.entries.back()));
            }
        }
    }

    #[test]
    fn memory_is_preallocated_and_released() {
        let mut queue = KeyedQueue::with_capacity(9);
        assert!(queue.capacity() >= 9);
        queue.push_back(1, 10);
        queue.shrink();
        assert!(queue.capacity() >= 9, "it is in use");
        queue.pop_front();
        queue.shrink();
        assert_eq!(queue.capacity(), 0);
    }

    #[test]
    fn gaps_between_two_elements_that_stay_take_no_memory_for_good() {
        let mut queue = filled([0]);
        for key in 1..10_000 {
            queue.push_back(2 * key, key);
            queue.push_back(2 * key + 1, key);
            // Never the last one: a gap at the end would be removed at once.
            assert_eq!(queue.remove(2 * key), Some(key));
            queue.remove(2 * key - 1);
            assert!(queue.entries.len() <= 2 * queue.len() + SPARED + 1);
        }
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn gaps_stay_until_they_outnumber_the_elements() {
        let mut queue = filled(0..100);
        for key in 1..=66 {
            queue.remove(key);
        }
        assert_eq!((queue.len(), queue.entries.len()), (34, 100));
        queue.remove(67);
        assert_eq!((queue.len(), queue.entries.len()), (33, 33));
    }

    #[test]
    fn a_long_queue_is_emptied_from_both_ends_and_the_middle() {
        let mut queue = filled(0..1_000);
        for key in (0..1_000).filter(|key| key % 3 != 0) {
            assert_eq!(queue.remove(key), Some(key * 10));
            assert!(queue.entries.len() <= 2 * queue.len() + SPARED + 1);
        }
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(
            rest,
            (0..1_000)
                .step_by(3)
                .map(|key| key * 10)
                .collect::<Vec<_>>()
        );
        assert!(queue.is_empty() && queue.front().is_none());
    }
}
