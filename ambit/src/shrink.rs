//! Gives memory back after a peak: a collection that has become far smaller than its memory moves to a smaller one.
//!
//! Less than an eighth must be in use, and twice the rest still fits afterwards. So each move follows at least as many
//! removals, and a collection that soon grows again does not move again at once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash};

/// A collection with capacity for this many elements is never moved.
const SPARED: usize = 256;

/// Returns the capacity to shrink to, or `None` to keep the current one.
fn target(used: usize, kept: usize) -> Option<usize> {
    (kept > SPARED && used < kept / 8).then_some(used * 2)
}

/// Shrinks a map after removals. It hashes the keys that are left.
pub(crate) fn map<K: Eq + Hash, V, S: BuildHasher>(map: &mut HashMap<K, V, S>) {
    if let Some(target) = target(map.len(), map.capacity()) {
        map.shrink_to(target);
    }
}

/// Shrinks a set after removals. It hashes the elements that are left.
pub(crate) fn set<T: Eq + Hash, S: BuildHasher>(set: &mut HashSet<T, S>) {
    if let Some(target) = target(set.len(), set.capacity()) {
        set.shrink_to(target);
    }
}

/// Shrinks a queue after removals.
pub(crate) fn queue<T>(queue: &mut VecDeque<T>) {
    if let Some(target) = target(queue.len(), queue.capacity()) {
        queue.shrink_to(target);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_where_less_than_an_eighth_is_used() {
        assert_eq!(target(0, 256), None);
        assert_eq!(target(31, 257), Some(62));
        assert_eq!(target(32, 257), None);
        assert_eq!(target(63, 512), Some(126));
    }

    #[test]
    fn memory_follows_the_number_of_elements() {
        let mut numbers: HashMap<usize, ()> = (0..10_000).map(|number| (number, ())).collect();
        let mut known: HashSet<usize> = (0..10_000).collect();
        let mut waiting: VecDeque<usize> = (0..10_000).collect();
        for number in 3..10_000 {
            numbers.remove(&number);
            map(&mut numbers);
            known.remove(&number);
            set(&mut known);
            waiting.pop_back();
            queue(&mut waiting);
            let kept = [numbers.capacity(), known.capacity(), waiting.capacity()];
            let most = SPARED.max(8 * numbers.len() + 8);
            assert!(kept.iter().all(|kept| *kept <= most), "{kept:?} > {most}");
        }
        assert_eq!((numbers.len(), known.len()), (3, 3));
        assert_eq!(waiting, [0, 1, 2]);
    }
}
