//! A set that nearly always has at most one element, and then needs no heap memory.

use std::collections::BTreeSet;
use std::mem;

/// In ascending order. After it has held several elements, it stays a tree.
#[derive(Debug)]
#[expect(
    clippy::box_collection,
    reason = "a set with one entry should be small"
)]
pub(crate) enum SmallSet<T> {
    One(Option<T>),
    Many(Box<BTreeSet<T>>),
}

impl<T> SmallSet<T> {
    pub(crate) const NONE: Self = Self::One(None);
}

impl<T> Default for SmallSet<T> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T: Copy + Ord> SmallSet<T> {
    /// Returns false if the value was in the set already.
    pub(crate) fn insert(&mut self, value: T) -> bool {
        match self {
            Self::One(Some(one)) if *one == value => false,
            Self::One(Some(one)) => {
                *self = Self::Many(Box::new(BTreeSet::from([*one, value])));
                true
            }
            Self::One(none) => {
                *none = Some(value);
                true
            }
            Self::Many(all) => all.insert(value),
        }
    }

    /// Returns false if the value was not in the set.
    pub(crate) fn remove(&mut self, value: &T) -> bool {
        match self {
            Self::One(one) => one.take_if(|one| one == value).is_some(),
            Self::Many(all) => all.remove(value),
        }
    }

    pub(crate) fn contains(&self, value: &T) -> bool {
        match self {
            Self::One(one) => one.as_ref() == Some(value),
            Self::Many(all) => all.contains(value),
        }
    }

    pub(crate) fn retain(&mut self, mut wanted: impl FnMut(&T) -> bool) {
        match self {
            Self::One(one) => drop(one.take_if(|one| !wanted(one))),
            Self::Many(all) => all.retain(wanted),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = T> + '_ {
        let (one, many) = match self {
            Self::One(one) => (*one, None),
            Self::Many(all) => (None, Some(all.iter().copied())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    #[cfg(feature = "test")]
    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }

    /// Takes the smallest element.
    pub(crate) fn pop_first(&mut self) -> Option<T> {
        match self {
            Self::One(one) => one.take(),
            Self::Many(all) => all.pop_first(),
        }
    }

    pub(crate) fn take(&mut self) -> Self {
        mem::take(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every run of six steps over three values, compared with a plain set.
    #[test]
    fn it_is_a_set_in_ascending_order() {
        for run in 0..6_u32.pow(6) {
            let (mut few, mut all) = (SmallSet::default(), BTreeSet::new());
            for step in 0..6 {
                let step = run / 6_u32.pow(step) % 6;
                let value = step % 3;
                if step < 3 {
                    assert_eq!(few.insert(value), all.insert(value));
                } else {
                    assert_eq!(few.remove(&value), all.remove(&value));
                }
                assert!(few.iter().eq(all.iter().copied()));
                assert!((0..3).all(|value| few.contains(&value) == all.contains(&value)));
            }
            few.retain(|value| *value != 1);
            all.remove(&1);
            assert!(std::iter::from_fn(|| few.pop_first()).eq(all));
        }
    }
}
