//! The entries of one key, or the keys of one process: nearly always one, which then needs no memory of its own.

use std::collections::BTreeMap;

/// Numbered things, in ascending order. Once there have been several they stay in a tree.
#[derive(Debug)]
#[expect(
    clippy::box_collection,
    reason = "a row of one is what there are many of"
)]
pub(crate) enum Row<T> {
    One(Option<(u64, T)>),
    Many(Box<BTreeMap<u64, T>>),
}

impl<T> Default for Row<T> {
    fn default() -> Self {
        Self::One(None)
    }
}

impl<T> Row<T> {
    pub(crate) fn insert(&mut self, number: u64, thing: T) {
        match self {
            Self::One(one @ None) => *one = Some((number, thing)),
            Self::One(one) => {
                let both = one.take().into_iter().chain([(number, thing)]);
                *self = Self::Many(Box::new(both.collect()));
            }
            Self::Many(all) => drop(all.insert(number, thing)),
        }
    }

    pub(crate) fn remove(&mut self, number: u64) -> Option<T> {
        match self {
            Self::One(one) => Some(one.take_if(|(own, _)| *own == number)?.1),
            Self::Many(all) => all.remove(&number),
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

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let (one, many) = match self {
            Self::One(one) => (one.as_ref(), None),
            Self::Many(all) => (None, Some(all.iter())),
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

impl<T> IntoIterator for Row<T> {
    type Item = (u64, T);
    type IntoIter = std::iter::Chain<
        std::option::IntoIter<(u64, T)>,
        std::iter::Flatten<std::option::IntoIter<BTreeMap<u64, T>>>,
    >;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::One(one) => (one, None),
            Self::Many(all) => (None, Some(*all)),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
