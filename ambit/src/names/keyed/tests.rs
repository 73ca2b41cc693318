//! The map against a plain list, and keys whose code uses the map itself.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::*;
use crate::test_rng::TestRng;

#[test]
fn it_does_what_a_plain_list_does() {
    for seed in 0..300 {
        let mut random = TestRng::new(seed);
        // All keys have one hash, share three hashes, or have separate ones.
        let hashes = [1, 3, 100][seed as usize % 3];
        let map = RwLock::new(KeyMap::default());
        let mut model: Vec<(u64, u64)> = Vec::new();
        for _ in 0..200 {
            let (key, item) = (random.below(12_u64), random.next_u64());
            let hash = key % hashes;
            let known = model.iter().position(|(own, _)| *own == key);
            match random.below(3) {
                0 => {
                    let old = enter(&map, hash, key, |map, key| {
                        let old = map.remove(key);
                        map.insert(key, item);
                        old
                    });
                    assert_eq!(old, known.map(|at| model.remove(at).1));
                    model.push((key, item));
                }
                1 => {
                    let own = find(&map, hash, &key);
                    assert_eq!(own.is_some(), known.is_some());
                    let gone = own.and_then(|own| map.write().remove(&own));
                    assert_eq!(gone, known.map(|at| model.remove(at).1));
                }
                _ => {
                    let seen = look(&map, hash, &key, |item| *item);
                    let seen = seen.map(|(own, item)| (*own.key(), item));
                    assert_eq!(seen, known.map(|at| model[at]));
                }
            }
            let map = map.read();
            assert_eq!(map.len(), model.len());
            let mut all: Vec<_> = map.iter().map(|(key, item)| (*key.key(), *item)).collect();
            all.sort_unstable();
            let mut expected = model.clone();
            expected.sort_unstable();
            assert_eq!(all, expected);
        }
        assert_eq!(map.into_inner().into_iter().count(), model.len());
    }
}

#[test]
fn equal_keys_have_one_hash_and_others_their_own() {
    let hasher = KeyHasher::default();
    assert_eq!(hasher.hash("a"), hasher.hash(&"a".to_owned()));
    let all: BTreeSet<u64> = (0..100).map(|key: u64| hasher.hash(&key)).collect();
    assert_eq!(all.len(), 100);
    assert_eq!(KeyRef::new(7, "a").hash(), 7);
}

#[test]
fn keys_are_compared_only_once() {
    let map = RwLock::new(KeyMap::default());
    let keys = [1, 2].map(|key| KeyRef::new(0, key));
    for key in &keys {
        map.write().insert(key, ());
    }
    let mut entering = Entering::new(0, 3);
    let unknown = entering.unknown(&map.read());
    assert_eq!(unknown.len(), 2);
    entering.compare(unknown);
    map.write().remove(&keys[0]);
    assert!(entering.unknown(&map.read()).is_empty(), "also if one goes");
    map.write().insert(&KeyRef::new(0, 4), ());
    assert_eq!(entering.unknown(&map.read()), [Arc::new(4)]);
}

#[test]
fn two_on_their_way_are_compared_by_hash_and_key() {
    let one = Entering::new(1, "a");
    assert!(one.equals(&Entering::new(1, "a")));
    assert!(!one.equals(&Entering::new(1, "b")));
    assert!(!one.equals(&Entering::new(2, "a")));
}

#[test]
fn a_hash_is_its_own_hash() {
    assert_eq!(AsIs.hash_one(7_u64), 7);
    let mut bytes = AsIs.build_hasher();
    bytes.write(&[0xff; 9]);
    assert_eq!(bytes.finish(), u64::MAX << 8);
}

thread_local! {
    static NESTED: Cell<bool> = const { Cell::new(false) };
}

/// Compares only after it has inserted another key of its hash, and removed it again.
#[derive(Debug)]
struct Hostile<'m>(u8, &'m RwLock<KeyMap<Self, u8>>);

impl PartialEq for Hostile<'_> {
    fn eq(&self, other: &Self) -> bool {
        if !NESTED.replace(true) {
            let guest = Hostile(99, self.1);
            enter(self.1, 0, guest, |map, key| map.insert(key, 99));
            let own = find(self.1, 0, self).expect("it is there");
            assert_eq!(own.key().0, self.0);
            let guest = find(self.1, 0, &Hostile(99, self.1)).expect("it was entered");
            assert_eq!(self.1.write().remove(&guest), Some(99));
            NESTED.set(false);
        }
        self.0 == other.0
    }
}

impl Eq for Hostile<'_> {}

#[test]
fn a_comparison_may_change_the_map() {
    let map = RwLock::new(KeyMap::default());
    for n in 0..4 {
        for item in [n, n + 10] {
            enter(&map, 0, Hostile(n, &map), |map, key| {
                map.remove(key);
                map.insert(key, item);
            });
        }
    }
    assert_eq!(map.read().len(), 4);
    for n in 0..4 {
        let seen = look(&map, 0, &Hostile(n, &map), |item| *item);
        assert_eq!(seen.map(|(_, item)| item), Some(n + 10));
    }
}
