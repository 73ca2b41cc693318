//! How a table keeps its keys: by hash, or in their order.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use foldhash::fast::RandomState;

/// Keys by hash: look-ups cost the same however many there are. (Erlang: `set`.)
#[derive(Clone, Copy, Debug)]
pub struct Hashed;

/// Keys in their order. (Erlang: `ordered_set`.)
#[derive(Clone, Copy, Debug)]
pub struct Ordered;

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals it")]
    pub trait Sealed {}
    impl Sealed for super::Hashed {}
    impl Sealed for super::Ordered {}
}

/// How a table keeps keys of type `K`: [`Hashed`] if they can be hashed, [`Ordered`] if they can be compared.
#[diagnostic::on_unimplemented(
    message = "a table cannot have keys of type `{K}` kept as `{Self}`",
    note = "a `Table` needs keys that are `Eq` and `Hash`, an `OrderedTable` keys that are `Ord`"
)]
pub trait Layout<K: 'static>: sealed::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    type Map<T: Send + Sync + 'static>: Default + Send + Sync;
    /// Whether the map itself has an order that may be shown.
    #[doc(hidden)]
    const IN_ORDER: bool;
    #[doc(hidden)]
    fn put<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: K, item: T) -> Option<T>;
    #[doc(hidden)]
    fn each<T: Send + Sync + 'static>(map: &Self::Map<T>) -> impl Iterator<Item = (&K, &T)>;
    #[doc(hidden)]
    fn into_each<T: Send + Sync + 'static>(map: Self::Map<T>) -> impl Iterator<Item = (K, T)>;
    #[doc(hidden)]
    fn len<T: Send + Sync + 'static>(map: &Self::Map<T>) -> usize;
}

/// What keys of type `K` can be found by: `str` for a `String`, and so on.
#[diagnostic::on_unimplemented(message = "keys of type `{K}` cannot be found by a `{Q}`")]
pub trait Finds<K: 'static, Q: ?Sized>: Layout<K> {
    #[doc(hidden)]
    fn find<'m, T: Send + Sync + 'static>(map: &'m Self::Map<T>, key: &Q) -> Option<&'m T>;
    #[doc(hidden)]
    fn take<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: &Q) -> Option<T>;
}

impl<K: Eq + Hash + Send + Sync + 'static> Layout<K> for Hashed {
    type Map<T: Send + Sync + 'static> = HashMap<K, T, RandomState>;
    const IN_ORDER: bool = false;

    fn put<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: K, item: T) -> Option<T> {
        map.insert(key, item)
    }

    fn each<T: Send + Sync + 'static>(map: &Self::Map<T>) -> impl Iterator<Item = (&K, &T)> {
        map.iter()
    }

    fn into_each<T: Send + Sync + 'static>(map: Self::Map<T>) -> impl Iterator<Item = (K, T)> {
        map.into_iter()
    }

    fn len<T: Send + Sync + 'static>(map: &Self::Map<T>) -> usize {
        map.len()
    }
}

impl<K, Q> Finds<K, Q> for Hashed
where
    K: Borrow<Q> + Eq + Hash + Send + Sync + 'static,
    Q: Eq + Hash + ?Sized,
{
    fn find<'m, T: Send + Sync + 'static>(map: &'m Self::Map<T>, key: &Q) -> Option<&'m T> {
        map.get(key)
    }

    fn take<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: &Q) -> Option<T> {
        map.remove(key)
    }
}

impl<K: Ord + Send + Sync + 'static> Layout<K> for Ordered {
    type Map<T: Send + Sync + 'static> = BTreeMap<K, T>;
    const IN_ORDER: bool = true;

    fn put<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: K, item: T) -> Option<T> {
        map.insert(key, item)
    }

    fn each<T: Send + Sync + 'static>(map: &Self::Map<T>) -> impl Iterator<Item = (&K, &T)> {
        map.iter()
    }

    fn into_each<T: Send + Sync + 'static>(map: Self::Map<T>) -> impl Iterator<Item = (K, T)> {
        map.into_iter()
    }

    fn len<T: Send + Sync + 'static>(map: &Self::Map<T>) -> usize {
        map.len()
    }
}

impl<K, Q> Finds<K, Q> for Ordered
where
    K: Borrow<Q> + Ord + Send + Sync + 'static,
    Q: Ord + ?Sized,
{
    fn find<'m, T: Send + Sync + 'static>(map: &'m Self::Map<T>, key: &Q) -> Option<&'m T> {
        map.get(key)
    }

    fn take<T: Send + Sync + 'static>(map: &mut Self::Map<T>, key: &Q) -> Option<T> {
        map.remove(key)
    }
}
