//! The entries of one key, or of one process: nearly always one, which then needs no heap memory.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Numbered items, in ascending order. After there have been several, they stay in a tree.
#[derive(Debug)]
#[expect(clippy::box_collection, reason = "most sets have one entry")]
pub(crate) enum SmallMap<N, T> {
    One(Option<(N, T)>),
    Many(Box<BTreeMap<N, T>>),
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
                let both = one.take().into_iter().chain([(number, thing)]);
                *self = Self::Many(Box::new(both.collect()));
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
            Self::Many(all) => all.first_key_value().map(|(_, thing)| thing),
        }
    }

    pub(crate) fn first_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::One(one) => one.as_mut().map(|(_, thing)| thing),
            Self::Many(all) => all.values_mut().next(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (N, &T)> {
        let (one, many) = match self {
            Self::One(one) => (one.as_ref(), None),
            Self::Many(all) => (None, Some(all.iter())),
        };
        let one = one.map(|(number, thing)| (*number, thing));
        let many = many.into_iter().flatten();
        one.into_iter()
            .chain(many.map(|(number, thing)| (*number, thing)))
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
        let one = one.map(|(number, thing)| (*number, thing));
        let many = many.into_iter().flatten();
        one.into_iter()
            .chain(many.map(|(number, thing)| (*number, thing)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::One(one) => one.is_none(),
            Self::Many(all) => all.is_empty(),
        }
    }
}
