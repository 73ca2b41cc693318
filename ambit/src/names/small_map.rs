//! The entries of one key, or of one process: nearly always one, which then needs no heap memory.

use std::ops::RangeInclusive;

use crate::ordered_map::OrderedMap;

/// Numbered items, in ascending order. After there have been several, they stay in an `OrderedMap`.
#[derive(Debug)]
pub(crate) enum SmallMap<N, T> {
    One(Option<(N, T)>),
    Many(Box<OrderedMap<N, T>>),
}

impl<N, T> Default for SmallMap<N, T> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<N: Copy + Ord, T> SmallMap<N, T> {
    pub(crate) fn insert(&mut self, number: N, thing: T) {
        match self {
            Self::One(one @ None) => *one = Some((number, thing)),
            Self::One(one) => {
                let mut many = OrderedMap::default();
                if let Some((first, thing)) = one.take() {
                    many.insert(first, thing);
                }
                many.insert(number, thing);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(all) => drop(all.insert(number, thing)),
        }
    }

    pub(crate) fn remove(&mut self, number: N) -> Option<T> {
        match self {
            Self::One(one) => Some(one.take_if(|(own, _)| *own == number)?.1),
            Self::Many(all) => all.remove(&number),
        }
    }

    pub(crate) fn pop_first(&mut self) -> Option<(N, T)> {
        match self {
            Self::One(one) => one.take(),
            Self::Many(all) => all.pop_first(),
        }
    }

    #[inline]
    pub(crate) fn first(&self) -> Option<&T> {
        match self {
            Self::One(one) => one.as_ref().map(|(_, thing)| thing),
            Self::Many(all) => all.values().next(),
        }
    }

    pub(crate) fn first_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::One(one) => one.as_mut().map(|(_, thing)| thing),
            Self::Many(all) => all.first_mut(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (N, &T)> {
        let (one, many) = match self {
            Self::One(one) => (one.as_ref(), None),
            Self::Many(all) => (None, Some(all.iter())),
        };
        let one = one.map(|(number, thing)| (number, thing));
        let all = one.into_iter().chain(many.into_iter().flatten());
        all.map(|(number, thing)| (*number, thing))
    }

    pub(crate) fn get(&self, number: N) -> Option<&T> {
        match self {
            Self::One(one) => one
                .as_ref()
                .filter(|(own, _)| *own == number)
                .map(|(_, thing)| thing),
            Self::Many(all) => all.get(&number),
        }
    }

    /// Returns the items whose numbers are in a range, in ascending order.
    pub(crate) fn range(&self, range: RangeInclusive<N>) -> impl Iterator<Item = (N, &T)> {
        let (one, many) = match self {
            Self::One(one) => (one.as_ref().filter(|(own, _)| range.contains(own)), None),
            Self::Many(all) => (None, Some(all.range(range))),
        };
        let one = one.map(|(number, thing)| (number, thing));
        let all = one.into_iter().chain(many.into_iter().flatten());
        all.map(|(number, thing)| (*number, thing))
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::One(one) => one.is_none(),
            Self::Many(all) => all.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::test_rng::TestRng;

    #[test]
    fn it_does_what_a_tree_does() {
        let mut random = TestRng::new(7);
        for _ in 0..200 {
            let (mut map, mut tree) = (SmallMap::default(), BTreeMap::new());
            let keys = 1 + random.below(200);
            for number in 0..random.below(400) {
                let key = random.below(keys);
                match random.below(4) {
                    0 => assert_eq!(map.remove(key), tree.remove(&key)),
                    1 => assert_eq!(map.pop_first(), tree.pop_first()),
                    _ if tree.contains_key(&key) => {
                        *map.first_mut().unwrap() += 1;
                        *tree.first_entry().unwrap().get_mut() += 1;
                    }
                    _ => {
                        map.insert(key, number);
                        tree.insert(key, number);
                    }
                }
                assert_eq!(map.get(key), tree.get(&key));
                assert_eq!(map.first(), tree.values().next());
                assert_eq!(map.is_empty(), tree.is_empty());
                let pairs = |(key, thing): (&u64, _)| (*key, thing);
                assert!(map.iter().eq(tree.iter().map(pairs)));
                let range = key / 2..=key;
                let expected = tree.range(range.clone()).map(pairs);
                assert!(map.range(range).eq(expected));
            }
        }
    }

    #[test]
    fn one_entry_needs_no_heap_memory() {
        let mut map = SmallMap::default();
        for number in 0..3 {
            map.insert(number, ());
            assert!(matches!(map, SmallMap::One(Some(_))));
            assert_eq!(map.remove(number), Some(()));
        }
    }
}
