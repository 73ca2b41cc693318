//! Who holds which key: a pure store, for one value per key or many.
//!
//! Every entry stands twice, under its key and under its process, by the same number: so the end of a process costs
//! only as much as it had entries, and entries of one key come in the order in which they were made.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

use foldhash::quality::RandomState;

use crate::names::row::Row;
use crate::pid::Pid;

/// One holder of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry<H, V> {
    pub(crate) pid: Pid,
    pub(crate) holder: H,
    pub(crate) value: V,
}

/// An entry that was added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Added<K, H, V> {
    /// The process is new here, so that its end must be watched.
    pub(crate) is_new: bool,
    /// What gave way to it. Keys and values are the user's, so they are handed out, to be dropped without a lock.
    pub(crate) gone: Vec<(K, Entry<H, V>)>,
}

/// An entry that was refused, and who holds its key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused<K, H, V> {
    pub(crate) holder: Pid,
    pub(crate) returned: (K, Entry<H, V>),
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
    by_key: HashMap<K, Row<Entry<H, V>>, RandomState>,
    by_pid: HashMap<Pid, Row<K>, RandomState>,
    next: u64,
    len: usize,
}

impl<K: Clone + Eq + Hash, H, V> Store<K, H, V> {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            by_key: HashMap::default(),
            by_pid: HashMap::default(),
            next: 0,
            len: 0,
        }
    }

    /// Adds an entry. In a unique store a living holder refuses it, and one of whom `is_gone` is true gives way.
    pub(crate) fn insert(
        &mut self,
        key: K,
        entry: Entry<H, V>,
        is_gone: impl Fn(&H) -> bool,
    ) -> Result<Added<K, H, V>, Refused<K, H, V>> {
        let mut gone = Vec::new();
        if self.keys == Keys::Unique {
            let holder = self
                .first(&key)
                .map(|entry| (entry.pid, is_gone(&entry.holder)));
            match holder {
                Some((holder, false)) => {
                    let returned = (key, entry);
                    return Err(Refused { holder, returned });
                }
                Some((pid, true)) => gone = self.remove(&key, pid, |_, _| true),
                None => {}
            }
        }
        let own_key = key.clone();
        let number = self.next;
        self.next += 1;
        self.len += 1;
        let is_new = !self.by_pid.contains_key(&entry.pid);
        self.by_pid
            .entry(entry.pid)
            .or_default()
            .insert(number, own_key);
        self.by_key.entry(key).or_default().insert(number, entry);
        Ok(Added { is_new, gone })
    }

    /// The oldest entry of a key.
    pub(crate) fn first<Q>(&self, key: &Q) -> Option<&Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get(key)?.first()
    }

    /// All entries of a key, oldest first.
    pub(crate) fn entries<Q>(&self, key: &Q) -> impl Iterator<Item = &Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.numbered(key).map(|(_, entry)| entry)
    }

    /// All entries of a key with their numbers, oldest first.
    pub(crate) fn numbered<Q>(&self, key: &Q) -> impl Iterator<Item = (u64, &Entry<H, V>)>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get(key).into_iter().flat_map(Row::iter)
    }

    pub(crate) fn first_mut<Q>(&mut self, key: &Q) -> Option<&mut Entry<H, V>>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.by_key.get_mut(key)?.first_mut()
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
        let is_meant = |(n, entry): &(u64, &Entry<H, V>)| entry.pid == pid && meant(*n, entry);
        let numbers: Vec<_> = entries.iter().filter(is_meant).map(|(n, _)| n).collect();
        let mut removed = Vec::with_capacity(numbers.len());
        for number in numbers {
            let key = self.by_pid.get_mut(&pid).and_then(|own| own.remove(number));
            removed.extend(key.zip(entries.remove(number)));
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
        let mut removed = Vec::new();
        for (number, key) in own {
            let Some(entries) = self.by_key.get_mut(&key) else {
                continue;
            };
            if let Some(entry) = entries.remove(number) {
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
            .map(|own| own.iter().map(|(_, key)| key.clone()).collect())
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
    use crate::dice::Dice;

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
        let is_new = |added: Result<Added<_, _, _>, Refused<_, _, _>>| {
            added
                .map(|added| added.is_new)
                .map_err(|refused| (refused.holder, refused.returned))
        };
        let first = store.insert("a", entry(1, 1), |_| false);
        assert_eq!(is_new(first), Ok(true));
        for own in [entry(2, 2), entry(1, 3)] {
            let refused = is_new(store.insert("a", own.clone(), |_| false));
            assert_eq!(refused, Err((pid(1), ("a", own))));
        }
        let second = store.insert("b", entry(1, 4), |_| false);
        assert_eq!(is_new(second), Ok(false));
        assert_eq!((store.len(), store.keys_of(pid(2)).len()), (2, 0));
        assert!(!store.by_pid.contains_key(&pid(2)));
        assert_eq!(store.first("a").map(|entry| entry.value), Some(1));
    }

    #[test]
    fn a_holder_that_is_gone_gives_way_and_its_own_end_removes_nothing_of_the_successor() {
        let mut store = Store::new(Keys::Unique);
        store.insert("a", entry(1, 1), |_| false).unwrap();
        let added = store.insert("a", entry(2, 2), |_| true).unwrap();
        let gone = vec![("a", entry(1, 1))];
        assert_eq!(added, Added { is_new: true, gone });
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

    /// The same operations on a plain list.
    #[derive(Default)]
    struct Model {
        entries: Vec<(u8, Entry<bool, u8>)>,
        /// Whose end is watched.
        known: Vec<Pid>,
    }

    impl Model {
        fn take(
            &mut self,
            taken: impl Fn(u8, &Entry<bool, u8>) -> bool,
        ) -> Vec<(u8, Entry<bool, u8>)> {
            self.entries
                .extract_if(.., |(key, entry)| taken(*key, entry))
                .collect()
        }

        fn of(&self, key: u8) -> impl Iterator<Item = &Entry<bool, u8>> {
            let of_key = self.entries.iter().filter(move |(own, _)| *own == key);
            of_key.map(|(_, entry)| entry)
        }
    }

    /// One step on both, with equal answers.
    fn step(store: &mut Store<u8, bool, u8>, model: &mut Model, keys: Keys, random: &mut Dice) {
        let (key, who, value) = (random.below(5), random.below(4), random.below(3));
        let who = pid(who);
        match random.below(10) {
            0..6 => {
                let own = Entry {
                    pid: who,
                    holder: random.below(4) > 0,
                    value,
                };
                let held = model.of(key).find(|_| keys == Keys::Unique).cloned();
                let added = store.insert(key, own.clone(), |holder| !holder);
                if let Some(held) = held.filter(|held| held.holder) {
                    let (holder, returned) = (held.pid, (key, own));
                    assert_eq!(added, Err(Refused { holder, returned }));
                    return;
                }
                let gone = model.take(|k, _| k == key && keys == Keys::Unique);
                let is_new = !model.known.contains(&who);
                assert_eq!(added, Ok(Added { is_new, gone }));
                model.known.push(who);
                model.entries.push((key, own));
            }
            6 | 7 => {
                let removed = store.remove(&key, who, |_, entry| entry.value != value);
                let expected = model.take(|k, e| k == key && e.pid == who && e.value != value);
                assert_eq!(removed, expected);
            }
            8 => {
                let removed = store.remove_pid(who);
                assert_eq!(removed, model.take(|_, e| e.pid == who));
                assert!(!store.by_pid.contains_key(&who), "it is forgotten");
                model.known.retain(|known| *known != who);
            }
            _ => {
                let first = store.first_mut(&key);
                let own = model.entries.iter_mut().find(|(k, _)| *k == key);
                assert_eq!(first.is_some(), own.is_some());
                if let (Some(first), Some((_, own))) = (first, own) {
                    first.value = value;
                    own.value = value;
                }
            }
        }
    }

    #[test]
    fn it_does_what_a_plain_list_does() {
        for seed in 0..400 {
            let keys = [Keys::Unique, Keys::Duplicate][usize::from(seed % 2 == 1)];
            let (mut store, mut model) = (Store::new(keys), Model::default());
            let mut random = Dice(seed);
            for _ in 0..150 {
                step(&mut store, &mut model, keys, &mut random);
                assert_eq!(store.len(), model.entries.len());
                for key in 0..5 {
                    assert!(store.entries(&key).eq(model.of(key)), "oldest first");
                    assert!(store.numbered(&key).map(|(_, e)| e).eq(model.of(key)));
                    assert_eq!(store.first(&key), model.of(key).next());
                    let is_held = model.of(key).next().is_some();
                    assert_eq!(store.by_key.contains_key(&key), is_held, "nothing is left");
                }
                for who in (0..4).map(pid) {
                    let own = model.entries.iter().filter(|(_, e)| e.pid == who);
                    assert_eq!(store.keys_of(who), own.map(|(k, _)| *k).collect::<Vec<_>>());
                }
            }
        }
    }
}
