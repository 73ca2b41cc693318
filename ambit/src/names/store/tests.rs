//! The store against a plain list.

use super::*;
use crate::test_rng::TestRng;

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

fn entry(n: u32, value: u8) -> StoreEntry<bool, u8> {
    StoreEntry {
        pid: pid(n),
        holder: true,
        value,
    }
}

/// Two hashes for all keys: most keys share theirs.
fn key(key: u8) -> KeyRef<u8> {
    KeyRef::new(u64::from(key % 2), key)
}

fn first(store: &Store<u8, bool, u8>, key: &KeyRef<u8>) -> Option<StoreEntry<bool, u8>> {
    store.map().get(key)?.first().cloned()
}

fn keys_of(store: &Store<u8, bool, u8>, pid: Pid) -> Vec<u8> {
    let keys = store.keys_of(pid);
    keys.iter().map(|key| *key.key()).collect()
}

#[test]
fn a_unique_key_has_one_holder_and_a_refusal_leaves_no_trace() {
    let (a, b) = (key(1), key(3));
    let mut store = Store::new(Keys::Unique);
    let added = store.insert(&a, entry(1, 1), |_| false).unwrap();
    assert!(added.is_new);
    for own in [entry(2, 2), entry(1, 3)] {
        let refused = store.insert(&a, own.clone(), |_| false).unwrap_err();
        let (holder, returned) = (pid(1), Box::new(own));
        assert_eq!(refused, KeyTaken { holder, returned });
    }
    let second = store.insert(&b, entry(1, 4), |_| false).unwrap();
    assert!(!second.is_new);
    assert_eq!((store.len(), store.keys_of(pid(2)).len()), (2, 0));
    assert!(!store.by_pid.contains_key(&pid(2)));
    assert_eq!(first(&store, &a), Some(entry(1, 1)));
}

#[test]
fn a_text_is_found_among_others_of_its_hash() {
    let mut store: Store<String, bool, u8> = Store::new(Keys::Unique);
    for (n, text) in [(1, "a"), (2, "b")] {
        let key = KeyRef::new(0, text.to_owned());
        store.insert(&key, entry(n, 0), |_| false).unwrap();
    }
    assert_eq!(store.first_of_text(0, "b"), Some(&entry(2, 0)));
    assert_eq!(store.first_of_text(0, "c"), None);
}

#[test]
fn a_stopped_holder_is_replaced_and_its_exit_does_not_remove_the_successor() {
    let a = key(1);
    let mut store = Store::new(Keys::Unique);
    store.insert(&a, entry(1, 1), |_| false).unwrap();
    let added = store.insert(&a, entry(2, 2), |_| true).unwrap();
    assert_eq!((added.is_new, added.gone), (true, vec![entry(1, 1)]));
    assert!(store.remove_pid(pid(1), usize::MAX).is_empty());
    assert_eq!(first(&store, &a), Some(entry(2, 2)));
    assert_eq!(store.len(), 1);
}

#[test]
fn a_duplicate_key_keeps_all_entries_in_order() {
    let (a, b) = (key(1), key(3));
    let mut store = Store::new(Keys::Duplicate);
    let mut numbers = Vec::new();
    for (n, value) in [(1, 1), (2, 2), (1, 3)] {
        let added = store.insert(&a, entry(n, value), |_| false).unwrap();
        numbers.push(added.number);
    }
    store.insert(&b, entry(1, 4), |_| false).unwrap();
    let values = store.map().get(&a).unwrap().iter();
    assert_eq!(
        values.map(|entry| entry.value).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(keys_of(&store, pid(1)), [1, 1, 3]);
    let last = store.remove(&a, pid(1), |number| number == numbers[2]);
    assert_eq!(last, [entry(1, 3)]);
    assert_eq!(store.remove(&a, pid(9), |_| true), []);
    assert_eq!(store.remove_pid(pid(1), 1).len(), 1, "up to the limit");
    assert_eq!(store.remove_pid(pid(1), usize::MAX).len(), 1);
    assert_eq!((store.len(), store.keys_of(pid(1)).len()), (1, 0));
    assert!(first(&store, &b).is_none());
}

/// The same operations on a plain list.
#[derive(Default)]
struct Model {
    entries: Vec<(u8, StoreEntry<bool, u8>)>,
    /// The processes whose ends are watched.
    known: Vec<Pid>,
}

impl Model {
    fn take(
        &mut self,
        taken: impl Fn(u8, &StoreEntry<bool, u8>) -> bool,
    ) -> Vec<StoreEntry<bool, u8>> {
        let taken = self
            .entries
            .extract_if(.., |(key, entry)| taken(*key, entry));
        taken.map(|(_, entry)| entry).collect()
    }

    fn of(&self, key: u8) -> impl Iterator<Item = &StoreEntry<bool, u8>> {
        let of_key = self.entries.iter().filter(move |(own, _)| *own == key);
        of_key.map(|(_, entry)| entry)
    }
}

/// One step on both, with equal results.
fn step(
    store: &mut Store<u8, bool, u8>,
    model: &mut Model,
    all: &[KeyRef<u8>],
    random: &mut TestRng,
) {
    let own: &KeyRef<u8> = &all[random.below(all.len())];
    let (key, who, value) = (*own.key(), random.below(4), random.below(3));
    let who = pid(who);
    match random.below(10) {
        0..6 => {
            let new = StoreEntry {
                pid: who,
                holder: random.below(4) > 0,
                value,
            };
            let held = model.of(key).find(|_| store.keys == Keys::Unique).cloned();
            let added = store.insert(own, new.clone(), |holder| !holder);
            if let Some(held) = held.filter(|held| held.holder) {
                let (holder, returned) = (held.pid, Box::new(new));
                assert_eq!(added, Err(KeyTaken { holder, returned }));
                return;
            }
            let gone = model.take(|k, _| k == key && store.keys == Keys::Unique);
            let added = added.unwrap();
            assert_eq!(added.is_new, !model.known.contains(&who));
            assert_eq!(added.gone, gone);
            model.known.push(who);
            model.entries.push((key, new));
        }
        6 | 7 => {
            let meant: Vec<_> = (store.owned(own, who))
                .filter(|(_, entry)| entry.value != value)
                .map(|(number, _)| number)
                .collect();
            let removed = store.remove(own, who, |number| meant.contains(&number));
            let expected = model.take(|k, e| k == key && e.pid == who && e.value != value);
            assert_eq!(removed, expected);
        }
        8 => {
            let mut removed: Vec<_> = store.remove_pid(who, usize::MAX);
            removed.sort_by_key(|(key, entry)| (*key.key(), entry.value));
            let mut expected: Vec<_> = (model.entries.iter())
                .filter(|(_, entry)| entry.pid == who)
                .map(|(key, entry)| (*key, entry.value))
                .collect();
            expected.sort_unstable();
            let removed = removed.iter().map(|(key, entry)| (*key.key(), entry.value));
            assert!(removed.eq(expected));
            drop(model.take(|_, entry| entry.pid == who));
            assert!(!store.by_pid.contains_key(&who), "it is forgotten");
            model.known.retain(|known| *known != who);
        }
        _ => {
            let first = store.first_mut(own);
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
        let mut random = TestRng::new(seed);
        let all: Vec<_> = (0..5).map(key).collect();
        for _ in 0..150 {
            step(&mut store, &mut model, &all, &mut random);
            assert_eq!(store.len(), model.entries.len());
            for own in &all {
                let of_key = store.map().get(own);
                let entries = of_key.into_iter().flat_map(KeyEntries::iter);
                assert!(entries.eq(model.of(*own.key())), "oldest first");
                assert_eq!(first(&store, own).as_ref(), model.of(*own.key()).next());
                let is_held = model.of(*own.key()).next().is_some();
                assert_eq!(of_key.is_some(), is_held, "nothing is left");
                for who in (0..4).map(pid) {
                    let owned = store.owned(own, who).map(|(_, entry)| entry);
                    assert!(owned.eq(model.of(*own.key()).filter(|entry| entry.pid == who)));
                }
            }
            for who in (0..4).map(pid) {
                let own = model.entries.iter().filter(|(_, e)| e.pid == who);
                let own = own.map(|(key, _)| *key).collect::<Vec<_>>();
                assert_eq!(keys_of(&store, who), own);
            }
        }
    }
}
