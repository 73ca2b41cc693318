//! A map in ascending order of keys that needs little memory while it has few entries.
//!
//! The smallest node of a `BTreeMap` has capacity for eleven entries, and a group of one member would need two such
//! nodes.

use std::collections::BTreeMap;
use std::mem;

/// The maximum number of entries in a sorted vector: moving them costs less than one allocation.
const FEW: usize = 16;

/// A sorted vector that becomes a tree beyond 16 entries, and then remains one.
#[derive(Debug)]
pub(crate) enum SmallMap<K, V> {
    Few(Vec<(K, V)>),
    Many(BTreeMap<K, V>),
}

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<K, V> SmallMap<K, V> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Many(many) => many.len(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over the entries in ascending order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let (few, many) = match self {
            Self::Few(few) => (Some(few), None),
            Self::Many(many) => (None, Some(many)),
        };
        let few = few.into_iter().flatten().map(|(key, value)| (key, value));
        few.chain(many.into_iter().flatten())
    }

    /// Iterates over the values in ascending order of their keys.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> SmallMap<K, V> {
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        match self {
            Self::Few(few) => find(few, key).ok().map(|at| &few[at].1),
            Self::Many(many) => many.get(key),
        }
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        match self {
            Self::Few(few) => find(few, key).ok().map(|at| &mut few[at].1),
            Self::Many(many) => many.get_mut(key),
        }
    }

    /// Inserts a value, and returns the one that it replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.make_room(&key);
        match self {
            Self::Few(few) => match find(few, &key) {
                Ok(at) => Some(mem::replace(&mut few[at].1, value)),
                Err(at) => {
                    few.insert(at, (key, value));
                    None
                }
            },
            Self::Many(many) => many.insert(key, value),
        }
    }

    /// Returns the value of a key, after inserting the default if there is none.
    pub(crate) fn get_or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.make_room(&key);
        match self {
            Self::Few(few) => {
                let at = find(few, &key).unwrap_or_else(|at| {
                    few.insert(at, (key, V::default()));
                    at
                });
                &mut few[at].1
            }
            Self::Many(many) => many.entry(key).or_default(),
        }
    }

    /// Ensures capacity for a key that may be new.
    fn make_room(&mut self, key: &K) {
        let Self::Few(few) = self else { return };
        if few.len() < few.capacity() || find(few, key).is_ok() {
            return;
        }
        if few.len() < FEW {
            // One, two, four and so on: a vector would begin with room for four.
            few.reserve_exact(few.len().max(1));
        } else {
            *self = Self::Many(mem::take(few).into_iter().collect());
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        match self {
            Self::Few(few) => {
                let at = find(few, key).ok()?;
                Some(few.remove(at).1)
            }
            Self::Many(many) => many.remove(key),
        }
    }
}

/// Returns the index of a key, or the index at which to insert it.
fn find<K: Ord, V>(few: &[(K, V)], key: &K) -> Result<usize, usize> {
    few.binary_search_by(|(own, _)| own.cmp(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rt::Rng;

    #[test]
    fn it_does_what_a_tree_does() {
        let mut rng = Rng::with_seed(7);
        for _ in 0..200 {
            let (mut map, mut tree) = (SmallMap::default(), BTreeMap::new());
            let keys = rng.u32(1..40);
            for _ in 0..rng.u32(1..120) {
                let (key, value) = (rng.u32(..keys), rng.u32(..));
                match rng.u32(..5) {
                    0 => assert_eq!(map.remove(&key), tree.remove(&key)),
                    1 => assert_eq!(map.get_mut(&key), tree.get_mut(&key)),
                    2 => assert_eq!(map.get_or_default(key), tree.entry(key).or_default()),
                    _ => assert_eq!(map.insert(key, value), tree.insert(key, value)),
                }
                assert_eq!(map.get(&key), tree.get(&key));
                assert!(map.iter().eq(tree.iter()) && map.values().eq(tree.values()));
                assert_eq!((map.len(), map.is_empty()), (tree.len(), tree.is_empty()));
            }
        }
    }
}
