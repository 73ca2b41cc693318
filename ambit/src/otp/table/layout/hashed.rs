//! Keys by hash. The `Eq` and `Hash` of the keys run without the lock of the table.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;

use super::{Finds, Hashed, Layout};
use crate::names::keyed::{Entering, KeyHasher, KeyMap, KeyRef};

/// A key to insert, and the keys with the same hash that it must be compared with before the insertion.
#[expect(unnameable_types, reason = "hidden behind the layout of a table")]
pub struct HashedKey<K> {
    entering: Entering<K>,
    unknown: Vec<Arc<K>>,
}

/// The keys of one hash, with their items; nearly always one.
#[expect(unnameable_types, reason = "hidden behind the layout of a table")]
pub struct SameHash<K, T> {
    first: Option<(KeyRef<K>, T)>,
    others: Vec<(KeyRef<K>, T)>,
}

impl<K: Eq + Hash + Send + Sync + 'static> Layout<K> for Hashed {
    type Map<T: Send + Sync + 'static> = KeyMap<K, T>;
    type Hasher = KeyHasher;
    type Entering = HashedKey<K>;
    type Listed = KeyRef<K>;
    const IN_ORDER: bool = false;

    fn entering(hasher: &KeyHasher, key: K) -> HashedKey<K> {
        HashedKey {
            entering: Entering::new(hasher.hash(&key), key),
            unknown: Vec::new(),
        }
    }

    fn is_unsettled<T: Send + Sync + 'static>(map: &KeyMap<K, T>, key: &mut HashedKey<K>) -> bool {
        key.unknown = key.entering.unknown(map);
        !key.unknown.is_empty()
    }

    fn settle(key: &mut HashedKey<K>) {
        key.entering.compare(std::mem::take(&mut key.unknown));
    }

    fn is_same(one: &HashedKey<K>, other: &HashedKey<K>) -> bool {
        one.entering.equals(&other.entering)
    }

    fn digest(key: &HashedKey<K>) -> Option<u64> {
        Some(key.entering.meant().hash())
    }

    fn get<'m, T: Send + Sync + 'static>(
        map: &'m KeyMap<K, T>,
        key: &HashedKey<K>,
    ) -> Option<&'m T> {
        map.get(key.entering.meant())
    }

    fn put<T: Send + Sync + 'static>(
        map: &mut KeyMap<K, T>,
        key: &mut HashedKey<K>,
        item: T,
    ) -> Option<T> {
        let key = key.entering.meant();
        match map.get_mut(key) {
            Some(own) => Some(std::mem::replace(own, item)),
            None => {
                map.insert(key, item);
                None
            }
        }
    }

    fn list<T: Send + Sync + 'static>(map: &KeyMap<K, T>) -> Vec<(KeyRef<K>, &T)>
    where
        K: Clone,
    {
        map.iter().collect()
    }

    fn get_listed<'m, T: Send + Sync + 'static>(
        map: &'m KeyMap<K, T>,
        listed: &KeyRef<K>,
    ) -> Option<&'m T> {
        map.get(listed)
    }

    fn key(listed: &KeyRef<K>) -> &K {
        listed.key()
    }

    fn into_key(listed: KeyRef<K>) -> K
    where
        K: Clone,
    {
        listed.key().clone()
    }

    fn take_listed<T: Send + Sync + 'static>(
        map: &mut KeyMap<K, T>,
        listed: &KeyRef<K>,
        is_meant: impl Fn(&T) -> bool,
    ) -> Option<(Option<K>, T)> {
        map.get(listed).filter(|item| is_meant(item))?;
        Some((None, map.remove(listed)?))
    }

    fn into_each<T: Send + Sync + 'static>(
        map: KeyMap<K, T>,
    ) -> impl Iterator<Item = (KeyRef<K>, T)> + Send + 'static {
        map.into_iter()
    }

    fn len<T: Send + Sync + 'static>(map: &KeyMap<K, T>) -> usize {
        map.len()
    }
}

impl<K, Q> Finds<K, Q> for Hashed
where
    K: Borrow<Q> + Eq + Hash + Send + Sync + 'static,
    Q: Eq + Hash + ?Sized,
{
    type Seen<T> = SameHash<K, T>;
    type Found = KeyRef<K>;

    fn hash(hasher: &KeyHasher, key: &Q) -> u64 {
        hasher.hash(key)
    }

    fn see<T: Clone + Send + Sync + 'static>(
        map: &KeyMap<K, T>,
        hash: u64,
        _key: &Q,
    ) -> SameHash<K, T> {
        let mut same = map.of_hash(hash).map(|(key, item)| (key, item.clone()));
        SameHash {
            first: same.next(),
            others: same.collect(),
        }
    }

    fn choose<T>(seen: SameHash<K, T>, key: &Q) -> Option<(KeyRef<K>, T)> {
        let mut all = seen.first.into_iter().chain(seen.others);
        all.find(|(own, _)| <K as Borrow<Q>>::borrow(own.key()) == key)
    }

    fn take<T: Send + Sync + 'static>(
        map: &mut KeyMap<K, T>,
        found: &KeyRef<K>,
        _key: &Q,
    ) -> Option<(Option<K>, T)> {
        Some((None, map.remove(found)?))
    }
}
