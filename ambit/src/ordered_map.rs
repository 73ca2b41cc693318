//! A map in ascending order of its keys, for values of many types.
//!
//! A `BTreeMap` is more code than a server, and it is compiled anew for each type of value. The tree of this map is
//! compiled once for each type of key, because it contains only the indexes of the entries.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::mem;
use std::ops::RangeBounds;

/// Keys are cloned, and compared, where the map is used: under a lock they must not be of a user's type.
#[derive(Debug)]
pub(crate) struct OrderedMap<K, V> {
    indexes: BTreeMap<K, usize>,
    /// In no order: the last entry takes the place of a removed one.
    entries: Vec<(K, V)>,
}

impl<K, V> Default for OrderedMap<K, V> {
    fn default() -> Self {
        Self {
            indexes: BTreeMap::new(),
            entries: Vec::new(),
        }
    }
}

impl<K: Ord + Clone, V> OrderedMap<K, V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Inserts a value, and returns the one that it replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        if let Some(known) = self.get_mut(&key) {
            return Some(mem::replace(known, value));
        }
        self.push(key, value);
        None
    }

    /// Returns the value of a key, after inserting the default if there is none.
    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let index = match self.indexes.get(&key) {
            Some(index) => *index,
            None => self.push(key, V::default()),
        };
        &mut self.entries[index].1
    }

    /// Adds an entry with a new key, and returns its index.
    fn push(&mut self, key: K, value: V) -> usize {
        let index = self.entries.len();
        self.indexes.insert(key.clone(), index);
        self.entries.push((key, value));
        index
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        Some(&self.entries[*self.indexes.get(key)?].1)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        Some(&mut self.entries[*self.indexes.get(key)?].1)
    }

    /// Returns the value of a key, with the key in the map.
    pub(crate) fn get_key_value<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let (key, value) = &self.entries[*self.indexes.get(key)?];
        Some((key, value))
    }

    /// Returns the value of the first key.
    pub(crate) fn first_mut(&mut self) -> Option<&mut V> {
        let (_, index) = self.indexes.first_key_value()?;
        Some(&mut self.entries[*index].1)
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.indexes.remove(key)?;
        Some(self.take(index).1)
    }

    /// Removes the first key, and returns it with its value.
    pub(crate) fn pop_first(&mut self) -> Option<(K, V)> {
        let (_, index) = self.indexes.pop_first()?;
        Some(self.take(index))
    }

    /// Takes an entry whose index has been removed.
    fn take(&mut self, index: usize) -> (K, V) {
        let taken = self.entries.swap_remove(index);
        if let Some((moved, _)) = self.entries.get(index)
            && let Some(known) = self.indexes.get_mut(moved)
        {
            *known = index;
        }
        if 4 * self.entries.len() < self.entries.capacity() {
            self.entries.shrink_to(2 * self.entries.len());
        }
        taken
    }

    /// Iterates over the entries in ascending order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.at(self.indexes.values())
    }

    /// Iterates over the entries with keys in a range, in ascending order.
    pub(crate) fn range(&self, range: impl RangeBounds<K>) -> impl Iterator<Item = (&K, &V)> {
        self.at(self.indexes.range(range).map(|(_, index)| index))
    }

    fn at<'a>(
        &'a self,
        indexes: impl Iterator<Item = &'a usize>,
    ) -> impl Iterator<Item = (&'a K, &'a V)> {
        indexes.map(|index| {
            let (key, value) = &self.entries[*index];
            (key, value)
        })
    }

    /// Iterates over the keys in ascending order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.indexes.keys()
    }

    /// Iterates over the values in ascending order of their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.indexes.values().map(|index| &self.entries[*index].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_rng::TestRng;

    #[test]
    fn it_does_what_a_tree_does() {
        let mut random = TestRng::new(7);
        for _ in 0..200 {
            let (mut map, mut tree) = (OrderedMap::default(), BTreeMap::new());
            let keys = 1 + random.below(200_u64);
            for value in 0..random.below(400_u64) {
                let key = random.below(keys);
                match random.below(6) {
                    0 => assert_eq!(map.remove(&key), tree.remove(&key)),
                    1 => assert_eq!(map.pop_first(), tree.pop_first()),
                    2 => assert_eq!(map.get_or_default(key), tree.entry(key).or_default()),
                    3 => assert_eq!(map.first_mut(), tree.values_mut().next()),
                    _ => assert_eq!(map.insert(key, value), tree.insert(key, value)),
                }
                assert_eq!(map.get(&key), tree.get(&key));
                assert_eq!(map.get_mut(&key), tree.get_mut(&key));
                assert_eq!(map.get_key_value(&key), tree.get_key_value(&key));
                assert_eq!(map.is_empty(), tree.is_empty());
                assert!(
                    map.iter().eq(&tree) && map.range(key / 2..=key).eq(tree.range(key / 2..=key))
                );
                assert!(map.keys().eq(tree.keys()) && map.values().eq(tree.values()));
            }
        }
    }

    #[test]
    fn removed_values_leave_little_memory() {
        let mut map = OrderedMap::default();
        for number in 0..10_000_u64 {
            map.insert(number, number);
        }
        for number in 0..10_000 {
            assert_eq!(map.remove(&number), Some(number));
            assert!(map.entries.capacity() <= 4 * map.entries.len().max(1));
        }
        assert_eq!(map.entries.capacity(), 0);
    }
}
