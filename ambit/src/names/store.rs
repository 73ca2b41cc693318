//! Who holds which key: a pure store, for one value per key or many.
//!
//! Every entry stands twice, under its key and under its process, by the same number: so the end of a process costs
//! only as much as it had entries, and entries of one key come in the order in which they were made.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::pid::Pid;

/// One holder of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<H, V> {
    pub(crate) pid: Pid,
    pub(crate) holder: H,
    pub(crate) value: V,
}

/// Whether a key has one holder or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    Unique,
    Duplicate,
}

#[derive(Debug)]
pub(crate) struct Store<K, H, V> {
    keys: Keys,
    by_key: HashMap<K, BTreeMap<u64, Entry<H, V>>>,
    by_pid: HashMap<Pid, BTreeMap<u64, K>>,
    next: u64,
    len: usize,
}

impl<K: Clone + Eq + Hash, H, V> Store<K, H, V> {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            by_key: HashMap::new(),
            by_pid: HashMap::new(),
            next: 0,
            len: 0,
        }
    }

    /// Adds an entry. Tells whether the process is new here, so that its end must be watched; in a unique store a
    /// living holder refuses, and one of whom `is_gone` is true gives way.
    pub(crate) fn insert(
        &mut self,
        key: K,
        entry: Entry<H, V>,
        is_gone: impl Fn(&H) -> bool,
    ) -> Result<bool, Pid> {
        if self.keys == Keys::Unique {
            let holder = self
                .first(&key)
                .map(|entry| (entry.pid, is_gone(&entry.holder)));
            match holder {
                Some((pid, false)) => return Err(pid),
                Some((pid, true)) => drop(self.remove(&key, pid, |_, _| true)),
                None => {}
            }
        }
        let number = self.next;
        self.next += 1;
        self.len += 1;
        let is_new = !self.by_pid.contains_key(&entry.pid);
        self.by_pid
            .entry(entry.pid)
            .or_default()
            .insert(number, key.clone());
        self.by_key.entry(key).or_default().insert(number, entry);
        Ok(is_new)
    }

    /// The oldest entry of a key.
    pub(crate) fn first<Q>(&self, key: &Q) -> Option<&Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key
            .get(key)?
            .first_key_value()
            .map(|(_, entry)| entry)
    }

    /// All entries of a key, oldest first.
    pub(crate) fn entries<Q>(&self, key: &Q) -> impl Iterator<Item = &Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get(key).into_iter().flat_map(BTreeMap::values)
    }

    /// All entries of a key with their numbers, oldest first.
    pub(crate) fn numbered<Q>(&self, key: &Q) -> impl Iterator<Item = (u64, &Entry<H, V>)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let entries = self.by_key.get(key).into_iter().flatten();
        entries.map(|(number, entry)| (*number, entry))
    }

    pub(crate) fn first_mut<Q>(&mut self, key: &Q) -> Option<&mut Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get_mut(key)?.values_mut().next()
    }

    /// Removes the entries of one process under a key, as far as `meant` names them.
    pub(crate) fn remove<Q>(
        &mut self,
        key: &Q,
        pid: Pid,
        meant: impl Fn(u64, &Entry<H, V>) -> bool,
    ) -> Vec<(K, Entry<H, V>)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let Some(entries) = self.by_key.get_mut(key) else {
            return Vec::new();
        };
        let is_meant = |(n, entry): &(&u64, &Entry<H, V>)| entry.pid == pid && meant(**n, entry);
        let numbers: Vec<_> = entries.iter().filter(is_meant).map(|(n, _)| *n).collect();
        let mut removed = Vec::with_capacity(numbers.len());
        for number in numbers {
            let key = self
                .by_pid
                .get_mut(&pid)
                .and_then(|own| own.remove(&number));
            removed.extend(key.zip(entries.remove(&number)));
        }
        if entries.is_empty() {
            self.by_key.remove(key);
        }
        self.len -= removed.len();
        removed
    }

    /// Removes everything of a process, and forgets it.
    pub(crate) fn remove_pid(&mut self, pid: Pid) -> Vec<(K, Entry<H, V>)> {
        let own = self.by_pid.remove(&pid).unwrap_or_default();
        let mut removed = Vec::with_capacity(own.len());
        for (number, key) in own {
            let Some(entries) = self.by_key.get_mut(&key) else {
                continue;
            };
            if let Some(entry) = entries.remove(&number) {
                self.len -= 1;
                if entries.is_empty() {
                    self.by_key.remove(&key);
                }
                removed.push((key, entry));
            }
        }
        removed
    }

    /// The keys of a process, one per entry, oldest first.
    pub(crate) fn keys_of(&self, pid: Pid) -> Vec<K> {
        self.by_pid
            .get(&pid)
            .map(|own| own.values().cloned().collect())
            .unwrap_or_default()
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(n: u32) -> Pid {
        Pid::new(1, n, 0)
    }

    fn entry(n: u32, value: u8) -> Entry<bool, u8> {
        Entry {
            pid: pid(n),
            holder: true,
            value,
        }
    }

    #[test]
    fn a_unique_key_has_one_holder_and_a_refusal_leaves_no_trace() {
        let mut store = Store::new(Keys::Unique);
        assert_eq!(store.insert("a", entry(1, 1), |_| false), Ok(true));
        assert_eq!(store.insert("a", entry(2, 2), |_| false), Err(pid(1)));
        assert_eq!(store.insert("a", entry(1, 3), |_| false), Err(pid(1)));
        assert_eq!(store.insert("b", entry(1, 4), |_| false), Ok(false));
        assert_eq!((store.len(), store.keys_of(pid(2)).len()), (2, 0));
        assert!(!store.by_pid.contains_key(&pid(2)));
        assert_eq!(store.first("a").map(|entry| entry.value), Some(1));
    }

    #[test]
    fn a_holder_that_is_gone_gives_way_and_its_own_end_removes_nothing_of_the_successor() {
        let mut store = Store::new(Keys::Unique);
        store.insert("a", entry(1, 1), |_| false).unwrap();
        assert_eq!(store.insert("a", entry(2, 2), |_| true), Ok(true));
        assert!(store.remove_pid(pid(1)).is_empty());
        assert_eq!(store.first("a").map(|entry| entry.pid), Some(pid(2)));
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn a_duplicate_key_keeps_all_entries_in_order() {
        let mut store = Store::new(Keys::Duplicate);
        for (n, value) in [(1, 1), (2, 2), (1, 3)] {
            store.insert("a", entry(n, value), |_| false).unwrap();
        }
        store.insert("b", entry(1, 4), |_| false).unwrap();
        let values: Vec<_> = store.entries("a").map(|entry| entry.value).collect();
        assert_eq!(values, [1, 2, 3]);
        assert_eq!(store.keys_of(pid(1)), ["a", "a", "b"]);
        assert_eq!(
            store.remove("a", pid(1), |_, entry| entry.value == 3).len(),
            1
        );
        assert_eq!(store.remove("a", pid(9), |_, _| true).len(), 0);
        assert_eq!(store.remove_pid(pid(1)).len(), 2);
        assert_eq!((store.len(), store.keys_of(pid(1)).len()), (1, 0));
        assert!(store.first("b").is_none());
    }
}
