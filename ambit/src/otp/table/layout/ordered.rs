//! Ordered keys: their `Ord` and `Clone` run under the lock of the table, marked so that a nested use of a table fails.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::{Finds, Layout, Ordered};
use crate::otp::table::nested;

impl<K: Ord + Send + Sync + 'static> Layout<K> for Ordered {
    type Map<T: Send + Sync + 'static> = BTreeMap<K, T>;
    type Hasher = ();
    /// `None` once it is inserted.
    type Entering = Option<K>;
    type Listed = K;
    const IN_ORDER: bool = true;

    fn entering((): &(), key: K) -> Option<K> {
        Some(key)
    }

    fn is_unsettled<T: Send + Sync + 'static>(_: &BTreeMap<K, T>, _: &mut Option<K>) -> bool {
        false
    }

    fn settle(_: &mut Option<K>) {}

    fn is_same(_: &Option<K>, _: &Option<K>) -> bool {
        false
    }

    fn digest(_: &Option<K>) -> Option<u64> {
        None
    }

    fn get<'m, T: Send + Sync + 'static>(
        map: &'m BTreeMap<K, T>,
        key: &Option<K>,
    ) -> Option<&'m T> {
        let key = key.as_ref()?;
        nested::run(|| map.get(key))
    }

    fn put<T: Send + Sync + 'static>(
        map: &mut BTreeMap<K, T>,
        key: &mut Option<K>,
        item: T,
    ) -> Option<T> {
        // An existing key stays, and the new one is not dropped here.
        if let Some(own) = nested::run(|| map.get_mut(key.as_ref()?)) {
            return Some(std::mem::replace(own, item));
        }
        let key = key.take()?;
        nested::run(|| map.insert(key, item))
    }

    fn list<T: Send + Sync + 'static>(map: &BTreeMap<K, T>) -> Vec<(K, &T)>
    where
        K: Clone,
    {
        let all = map.iter().map(|(key, item)| (key.clone(), item));
        nested::run(|| all.collect())
    }

    fn get_listed<'m, T: Send + Sync + 'static>(
        map: &'m BTreeMap<K, T>,
        listed: &K,
    ) -> Option<&'m T> {
        nested::run(|| map.get(listed))
    }

    fn key(listed: &K) -> &K {
        listed
    }

    fn into_key(listed: K) -> K {
        listed
    }

    fn take_listed<T: Send + Sync + 'static>(
        map: &mut BTreeMap<K, T>,
        listed: &K,
        is_meant: impl Fn(&T) -> bool,
    ) -> Option<(Option<K>, T)> {
        nested::run(|| {
            map.get(listed).filter(|item| is_meant(item))?;
            map.remove_entry(listed)
        })
        .map(|(key, item)| (Some(key), item))
    }

    fn into_each<T: Send + Sync + 'static>(
        map: BTreeMap<K, T>,
    ) -> impl Iterator<Item = (K, T)> + Send + 'static {
        map.into_iter()
    }

    fn len<T: Send + Sync + 'static>(map: &BTreeMap<K, T>) -> usize {
        map.len()
    }
}

impl<K, Q> Finds<K, Q> for Ordered
where
    K: Borrow<Q> + Ord + Send + Sync + 'static,
    Q: Ord + ?Sized,
{
    type Seen<T> = Option<T>;
    type Found = ();

    fn hash((): &(), _key: &Q) -> u64 {
        0
    }

    fn see<T: Clone + Send + Sync + 'static>(
        map: &BTreeMap<K, T>,
        _hash: u64,
        key: &Q,
    ) -> Option<T> {
        nested::run(|| map.get(key)).cloned()
    }

    fn choose<T>(seen: Option<T>, _key: &Q) -> Option<((), T)> {
        seen.map(|item| ((), item))
    }

    fn take<T: Send + Sync + 'static>(
        map: &mut BTreeMap<K, T>,
        (): &(),
        key: &Q,
    ) -> Option<(Option<K>, T)> {
        nested::run(|| map.remove_entry(key)).map(|(key, item)| (Some(key), item))
    }
}
