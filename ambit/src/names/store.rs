//! The store of registered keys: pure, with one process per key or many.
//!
//! Every entry is stored twice, under its key and under its process, with the same number. So the cost of a process's
//! end is proportional to its entries, the cost of removing its entries of a key is proportional to their number, and
//! entries of one key are in insertion order.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::names::keyed::{KeyMap, KeyRef, Keyed};
use crate::names::small_map::SmallMap;
use crate::panics;
use crate::pid::Pid;
use crate::shrink;

/// One process under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreEntry<H, V> {
    pub(crate) pid: Pid,
    pub(crate) holder: H,
    pub(crate) value: V,
}

/// An entry that was added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Added<H, V> {
    /// Increases with each entry.
    pub(crate) number: u64,
    /// True if the process is new in the store, so that its end must be watched.
    pub(crate) is_new: bool,
    /// The entries that it replaced. Values are user data, so they are returned, to be dropped without a lock.
    pub(crate) gone: Vec<StoreEntry<H, V>>,
}

/// A rejected entry, and the process that has its key. It is returned, to be dropped without a lock.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct KeyTaken<H, V> {
    pub(crate) holder: Pid,
    pub(crate) returned: Box<StoreEntry<H, V>>,
}

/// The kind of a store: one process per key, or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    Unique,
    Duplicate,
}

/// The entries of one key, by number.
#[derive(Debug)]
pub(crate) struct KeyEntries<H, V> {
    /// The id of the key in the lists of processes.
    id: u64,
    entries: SmallMap<u64, StoreEntry<H, V>>,
}

impl<H, V> KeyEntries<H, V> {
    /// Returns the oldest entry.
    #[inline]
    pub(crate) fn first(&self) -> Option<&StoreEntry<H, V>> {
        self.entries.first()
    }

    /// Returns all entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &StoreEntry<H, V>> {
        self.entries.iter().map(|(_, entry)| entry)
    }
}

/// The keys of one process: by key, and by the number of the entry.
type OfProcess<K> = SmallMap<(u64, u64), KeyRef<K>>;

#[derive(Debug)]
pub(crate) struct Store<K, H, V> {
    keys: Keys,
    by_key: KeyMap<K, KeyEntries<H, V>>,
    by_pid: HashMap<Pid, OfProcess<K>, RandomState>,
    next: u64,
    len: usize,
}

impl<K, H, V> Keyed<K> for Store<K, H, V> {
    type Item = KeyEntries<H, V>;

    fn map(&self) -> &KeyMap<K, KeyEntries<H, V>> {
        &self.by_key
    }
}

impl<H, V> Store<String, H, V> {
    /// Returns the oldest entry of a text key, whose comparison is not user code.
    #[inline]
    pub(crate) fn first_of_text(&self, hash: u64, text: &str) -> Option<&StoreEntry<H, V>> {
        self.of_text(hash, text)?.first()
    }

    /// Returns true if a text key has the entry with this number.
    pub(crate) fn has_entry(&self, hash: u64, text: &str, number: u64) -> bool {
        let entries = self.of_text(hash, text);
        entries.is_some_and(|entries| entries.entries.get(number).is_some())
    }

    #[inline]
    fn of_text(&self, hash: u64, text: &str) -> Option<&KeyEntries<H, V>> {
        let mut same = self.by_key.same_hash(hash).iter();
        Some(&same.find(|(own, _)| **own == text)?.1)
    }
}

/// Drops each key and entry by itself: a panic in the drop of one must neither keep the others nor abort the program.
impl<K, H, V> Drop for Store<K, H, V> {
    fn drop(&mut self) {
        // These keys are shared with the other map.
        self.by_pid.clear();
        for (key, mut of_key) in std::mem::take(&mut self.by_key).into_iter() {
            while let Some((_, entry)) = of_key.entries.pop_first() {
                panics::drop_quietly(entry.holder);
                panics::drop_quietly(entry.value);
            }
            panics::drop_quietly(key);
        }
    }
}

impl<K, H, V> Store<K, H, V> {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            by_key: KeyMap::default(),
            by_pid: HashMap::default(),
            next: 0,
            len: 0,
        }
    }

    /// Adds an entry. In a unique store an existing holder causes a rejection, unless `is_gone` is true for it: then it
    /// is replaced.
    pub(crate) fn insert(
        &mut self,
        key: &KeyRef<K>,
        entry: StoreEntry<H, V>,
        is_gone: impl Fn(&H) -> bool,
    ) -> Result<Added<H, V>, KeyTaken<H, V>> {
        let mut gone = Vec::new();
        if self.keys == Keys::Unique {
            let first = self.by_key.get(key).and_then(KeyEntries::first);
            let holder = first.map(|entry| (entry.pid, is_gone(&entry.holder)));
            match holder {
                Some((holder, false)) => {
                    let returned = Box::new(entry);
                    return Err(KeyTaken { holder, returned });
                }
                Some((pid, true)) => gone = self.remove(key, pid, |_| true),
                None => {}
            }
        }
        let number = self.next;
        self.next += 1;
        self.len += 1;
        let is_new = !self.by_pid.contains_key(&entry.pid);
        if self.by_key.get(key).is_none() {
            let entries = SmallMap::default();
            self.by_key.insert(
                key,
                KeyEntries {
                    id: number,
                    entries,
                },
            );
        }
        if let Some(own) = self.by_key.get_mut(key) {
            let of_process = self.by_pid.entry(entry.pid).or_default();
            of_process.insert((own.id, number), key.clone());
            own.entries.insert(number, entry);
        }
        Ok(Added {
            number,
            is_new,
            gone,
        })
    }

    pub(crate) fn first_mut(&mut self, key: &KeyRef<K>) -> Option<&mut StoreEntry<H, V>> {
        self.by_key.get_mut(key)?.entries.first_mut()
    }

    /// Returns the entries of one process under a key, oldest first, with their numbers.
    pub(crate) fn owned(
        &self,
        key: &KeyRef<K>,
        pid: Pid,
    ) -> impl Iterator<Item = (u64, &StoreEntry<H, V>)> {
        let own = self.by_key.get(key).zip(self.by_pid.get(&pid));
        own.into_iter().flat_map(|(of_key, of_process)| {
            let own = of_process.range((of_key.id, 0)..=(of_key.id, u64::MAX));
            own.filter_map(move |((_, number), _)| Some((number, of_key.entries.get(number)?)))
        })
    }

    /// Removes the entries of one process under a key whose numbers are `meant`.
    pub(crate) fn remove(
        &mut self,
        key: &KeyRef<K>,
        pid: Pid,
        meant: impl Fn(u64) -> bool,
    ) -> Vec<StoreEntry<H, V>> {
        let own = self.owned(key, pid).map(|(number, _)| number);
        let numbers: Vec<u64> = own.filter(|number| meant(*number)).collect();
        let mut removed = Vec::with_capacity(numbers.len());
        for number in numbers {
            removed.extend(self.take(key, pid, number));
        }
        removed
    }

    fn take(&mut self, key: &KeyRef<K>, pid: Pid, number: u64) -> Option<StoreEntry<H, V>> {
        let of_key = self.by_key.get_mut(key)?;
        let entry = of_key.entries.remove(number);
        self.len -= usize::from(entry.is_some());
        if let Some(of_process) = self.by_pid.get_mut(&pid) {
            // The caller has the key too, so this does not drop it.
            drop(of_process.remove((of_key.id, number)));
        }
        if of_key.entries.is_empty() {
            self.by_key.remove(key);
        }
        entry
    }

    /// Removes up to `limit` entries of a process. If there are fewer, none is left.
    pub(crate) fn remove_pid(
        &mut self,
        pid: Pid,
        limit: usize,
    ) -> Vec<(KeyRef<K>, StoreEntry<H, V>)> {
        let mut removed = Vec::new();
        while removed.len() < limit {
            let own = self.by_pid.get_mut(&pid).and_then(SmallMap::pop_first);
            let Some(((_, number), key)) = own else {
                self.by_pid.remove(&pid);
                shrink::map(&mut self.by_pid);
                break;
            };
            let entry = self.take(&key, pid, number);
            removed.extend(entry.map(|entry| (key, entry)));
        }
        removed
    }

    /// Returns the keys of a process, one per entry, oldest first.
    pub(crate) fn keys_of(&self, pid: Pid) -> Vec<KeyRef<K>> {
        let own = self.by_pid.get(&pid).into_iter().flat_map(SmallMap::iter);
        let mut own: Vec<_> = own
            .map(|((_, number), key)| (number, key.clone()))
            .collect();
        own.sort_unstable_by_key(|(number, _)| *number);
        own.into_iter().map(|(_, key)| key).collect()
    }

    /// Returns the number of entries.
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests;
