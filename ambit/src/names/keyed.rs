//! Maps with user-defined keys, behind a lock: `Hash`, `Eq`, `Clone` and `Drop` of a key never run under it.
//!
//! A key is hashed before the lock is taken. Under the lock, keys are found by that hash and distinguished by their
//! address. Keys with the same hash are compared without the lock; the result is then looked up again by its address.
//! So user code may use the same map, or any other, and never waits for a lock that its own thread holds.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::slice;
use std::sync::Arc;

use foldhash::quality::RandomState;
use parking_lot::RwLock;

use crate::panics;
use crate::shrink;

/// Hashes keys, without a lock.
#[derive(Clone, Debug, Default)]
#[expect(unnameable_types, reason = "hidden behind the layout of a table")]
pub struct KeyHasher(RandomState);

impl KeyHasher {
    pub(crate) fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.0.hash_one(key)
    }
}

/// A key that is, or was, in a map.
#[derive(Debug)]
#[expect(unnameable_types, reason = "hidden behind the layout of a table")]
pub struct KeyRef<K> {
    hash: u64,
    key: Arc<K>,
}

impl<K> KeyRef<K> {
    #[cfg(test)]
    pub(crate) fn new(hash: u64, key: K) -> Self {
        let key = Arc::new(key);
        Self { hash, key }
    }

    fn of(hash: u64, key: Arc<K>) -> Self {
        Self { hash, key }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) fn key(&self) -> &K {
        &self.key
    }
}

impl<K> Clone for KeyRef<K> {
    fn clone(&self) -> Self {
        Self {
            hash: self.hash,
            key: self.key.clone(),
        }
    }
}

/// The items of keys. No code here runs user code, except the drop of the map itself.
#[derive(Debug)]
#[expect(unnameable_types, reason = "hidden behind the layout of a table")]
pub struct KeyMap<K, T> {
    by_hash: HashMap<u64, SameHash<K, T>, AsIs>,
    len: usize,
}

/// The keys of one hash: nearly always one.
#[derive(Debug)]
enum SameHash<K, T> {
    One((Arc<K>, T)),
    /// Never empty.
    Many(Vec<(Arc<K>, T)>),
}

impl<K, T> Default for KeyMap<K, T> {
    fn default() -> Self {
        Self {
            by_hash: HashMap::default(),
            len: 0,
        }
    }
}

impl<K, T> KeyMap<K, T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the keys of a hash, with their items.
    #[inline]
    pub(crate) fn same_hash(&self, hash: u64) -> &[(Arc<K>, T)] {
        match self.by_hash.get(&hash) {
            None => &[],
            Some(SameHash::One(one)) => slice::from_ref(one),
            Some(SameHash::Many(many)) => many,
        }
    }

    pub(crate) fn get(&self, key: &KeyRef<K>) -> Option<&T> {
        let mut same = self.same_hash(key.hash).iter();
        same.find(|(own, _)| Arc::ptr_eq(own, &key.key))
            .map(|(_, item)| item)
    }

    pub(crate) fn get_mut(&mut self, key: &KeyRef<K>) -> Option<&mut T> {
        let same: &mut [(Arc<K>, T)] = match self.by_hash.get_mut(&key.hash)? {
            SameHash::One(one) => slice::from_mut(one),
            SameHash::Many(many) => many,
        };
        let mut same = same.iter_mut();
        same.find(|(own, _)| Arc::ptr_eq(own, &key.key))
            .map(|(_, item)| item)
    }

    /// Adds a key that must not exist.
    pub(crate) fn insert(&mut self, key: &KeyRef<K>, item: T) {
        self.len += 1;
        let new = (key.key.clone(), item);
        let same = match self.by_hash.remove(&key.hash) {
            None => SameHash::One(new),
            Some(SameHash::One(one)) => SameHash::Many(vec![one, new]),
            Some(SameHash::Many(mut many)) => {
                many.push(new);
                SameHash::Many(many)
            }
        };
        self.by_hash.insert(key.hash, same);
    }

    /// Removes a key; the caller still holds the key, so its drop does not run here.
    pub(crate) fn remove(&mut self, key: &KeyRef<K>) -> Option<T> {
        let is_it = |(own, _): &(Arc<K>, T)| Arc::ptr_eq(own, &key.key);
        let (item, is_last) = match self.by_hash.get_mut(&key.hash)? {
            SameHash::Many(many) => {
                let (_, item) = many.remove(many.iter().position(is_it)?);
                (Some(item), many.is_empty())
            }
            SameHash::One(one) if is_it(one) => (None, true),
            SameHash::One(_) => return None,
        };
        self.len -= 1;
        if !is_last {
            return item;
        }
        let same = self.by_hash.remove(&key.hash)?;
        shrink::map(&mut self.by_hash);
        match same {
            SameHash::One((_, item)) => Some(item),
            SameHash::Many(_) => item,
        }
    }

    /// Returns the keys of a hash, with their items.
    pub(crate) fn of_hash(&self, hash: u64) -> impl Iterator<Item = (KeyRef<K>, &T)> {
        let same = self.same_hash(hash).iter();
        same.map(move |(key, item)| (KeyRef::of(hash, key.clone()), item))
    }

    /// Returns all keys and items, in any order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (KeyRef<K>, &T)> {
        let hashes = self.by_hash.keys();
        hashes.flat_map(|hash| self.of_hash(*hash))
    }

    /// Returns all keys and items, in any order.
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (KeyRef<K>, T)> {
        self.by_hash.into_iter().flat_map(|(hash, same)| {
            let (one, many) = match same {
                SameHash::One(one) => (Some(one), Vec::new()),
                SameHash::Many(many) => (None, many),
            };
            let all = one.into_iter().chain(many);
            all.map(move |(key, item)| (KeyRef::of(hash, key), item))
        })
    }
}

/// A value behind a lock that contains a map of keys.
pub(crate) trait Keyed<K> {
    type Item;

    fn map(&self) -> &KeyMap<K, Self::Item>;
}

impl<K, T> Keyed<K> for KeyMap<K, T> {
    type Item = T;

    fn map(&self) -> &Self {
        self
    }
}

/// Returns the key that equals `key`, if there is one now.
pub(crate) fn find<K, Q, S>(store: &RwLock<S>, hash: u64, key: &Q) -> Option<KeyRef<K>>
where
    K: Borrow<Q>,
    Q: Eq + ?Sized,
    S: Keyed<K>,
{
    look(store, hash, key, |_| ()).map(|(key, ())| key)
}

/// Returns the result of `look` on the item of a key, and the key. `look` runs under the lock, perhaps for a key that
/// turns out to be a different one, or is no longer current.
#[inline]
pub(crate) fn look<K, Q, S, R>(
    store: &RwLock<S>,
    hash: u64,
    key: &Q,
    look: impl Fn(&S::Item) -> R,
) -> Option<(KeyRef<K>, R)>
where
    K: Borrow<Q>,
    Q: Eq + ?Sized,
    S: Keyed<K>,
{
    // Nearly always only one key has the hash, so its item is read in the same step.
    let (first, seen, others) = {
        let store = store.read();
        let ((first, item), others) = store.map().same_hash(hash).split_first()?;
        let others: Vec<_> = others.iter().map(|(key, _)| key.clone()).collect();
        (first.clone(), look(item), others)
    };
    if <K as Borrow<Q>>::borrow(&first) == key {
        return Some((KeyRef { hash, key: first }, seen));
    }
    let same = |own: &Arc<K>| <K as Borrow<Q>>::borrow(own) == key;
    let key = others.into_iter().find(same)?;
    let found = KeyRef { hash, key };
    let seen = store.read().map().get(&found).map(look)?;
    Some((found, seen))
}

/// Runs `enter` under the lock with the existing key that equals `key`, or with `key` itself if there is none; then
/// `enter` may add it. `enter` returns removed values, to be dropped without the lock.
pub(crate) fn enter<K, S, R>(
    store: &RwLock<S>,
    hash: u64,
    key: K,
    enter: impl FnOnce(&mut S, &KeyRef<K>) -> R,
) -> R
where
    K: Eq,
    S: Keyed<K>,
{
    let mut entering = Entering::new(hash, key);
    let entered = loop {
        let unknown = {
            let mut store = store.write();
            let unknown = entering.unknown(store.map());
            if unknown.is_empty() {
                break enter(&mut store, entering.meant());
            }
            unknown
        };
        entering.compare(unknown);
    };
    // A panic would hide from the caller that it has entered.
    let Entering { own, there, others } = entering;
    panics::drop_quietly(own);
    panics::drop_quietly(there);
    panics::drop_each_quietly(others);
    entered
}

/// A key to insert, and the known keys with its hash.
#[derive(Debug)]
pub(crate) struct Entering<K> {
    own: KeyRef<K>,
    /// The key in the map that equals it.
    there: Option<KeyRef<K>>,
    /// Other keys with its hash.
    others: Vec<Arc<K>>,
}

impl<K> Entering<K> {
    pub(crate) fn new(hash: u64, key: K) -> Self {
        let key = Arc::new(key);
        Self {
            own: KeyRef { hash, key },
            there: None,
            others: Vec::new(),
        }
    }

    /// Returns the resulting key, once no key with its hash is unknown.
    pub(crate) fn meant(&self) -> &KeyRef<K> {
        self.there.as_ref().unwrap_or(&self.own)
    }

    /// Returns the keys that it must be compared with before the resulting key is known.
    pub(crate) fn unknown<T>(&mut self, map: &KeyMap<K, T>) -> Vec<Arc<K>> {
        if let Some(there) = &self.there {
            if map.get(there).is_some() {
                return Vec::new();
            }
            // It is kept, so that it is not dropped under the lock.
            let gone = self.there.take();
            self.others.extend(gone.map(|gone| gone.key));
        }
        let same = map.same_hash(self.own.hash);
        // They are in comparison order, unless some are new.
        let is_known = |(nth, (key, _)): &(usize, &(Arc<K>, T))| {
            let expected = self.others.get(*nth);
            expected.is_some_and(|known| Arc::ptr_eq(known, key))
                || self.others.iter().any(|known| Arc::ptr_eq(known, key))
        };
        let unknown = same.iter().enumerate().filter(|one| !is_known(one));
        unknown.map(|(_, (key, _))| key.clone()).collect()
    }

    /// Compares keys, without a lock.
    pub(crate) fn compare(&mut self, unknown: Vec<Arc<K>>)
    where
        K: Eq,
    {
        for key in unknown {
            if *key == *self.own.key {
                let hash = self.own.hash;
                self.there = Some(KeyRef { hash, key });
                return;
            }
            self.others.push(key);
        }
    }

    /// Returns true if it equals another key to insert.
    pub(crate) fn equals(&self, other: &Self) -> bool
    where
        K: Eq,
    {
        self.own.hash == other.own.hash && *self.own.key == *other.own.key
    }
}

/// Uses an existing hash as the hash.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsIs;

#[derive(Debug, Default)]
pub(crate) struct HashAsIs(u64);

impl BuildHasher for AsIs {
    type Hasher = HashAsIs;

    fn build_hasher(&self) -> HashAsIs {
        HashAsIs::default()
    }
}

impl Hasher for HashAsIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
