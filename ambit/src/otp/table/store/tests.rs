//! The store against a plain list: random operations, equal results.

use super::super::layout::{Hashed, Ordered};
use super::*;
use crate::test_rng::TestRng;

/// Keys with their cells, in insertion order.
type Model = Vec<(u8, Cell<u32>)>;

fn at(model: &Model, key: u8) -> Option<usize> {
    model.iter().position(|(own, _)| *own == key)
}

#[track_caller]
fn assert_same(found: Option<&Cell<u32>>, expected: Option<&Cell<u32>>) {
    match (found, expected) {
        (Some(found), Some(expected)) => assert!(Arc::ptr_eq(found, expected)),
        (found, expected) => assert_eq!(found.is_some(), expected.is_some()),
    }
}

fn entering<L: Layout<u8>>(store: &Store<u8, u32, L>, hasher: &L::Hasher, key: u8) -> L::Entering {
    let mut entering = L::entering(hasher, key);
    while store.is_unsettled(&mut entering) {
        L::settle(&mut entering);
    }
    entering
}

fn find<L: Layout<u8> + Finds<u8, u8>>(
    store: &Store<u8, u32, L>,
    hasher: &L::Hasher,
    key: u8,
) -> Option<(L::Found, Cell<u32>)> {
    let seen = store.see(L::hash(hasher, &key), &key);
    let (found, slot) = L::choose(seen, &key)?;
    Some((found, slot.cell().clone()))
}

/// One step on both, with equal results.
fn step<L>(
    store: &mut Store<u8, u32, L>,
    hasher: &L::Hasher,
    model: &mut Model,
    random: &mut TestRng,
) where
    L: Layout<u8> + Finds<u8, u8>,
{
    let (key, new) = (random.below(6), filled(0));
    let place = at(model, key);
    match random.below(5) {
        0 => {
            let old = store.put(&mut entering(store, hasher, key), new.clone());
            let known = place.map(|at| std::mem::replace(&mut model[at].1, new.clone()));
            assert_same(old.as_ref(), known.as_ref());
            if known.is_none() {
                model.push((key, new));
            }
        }
        1 => {
            let cell = store.find_or_put(&mut entering(store, hasher, key), &new);
            let expected = place.map_or(&new, |at| &model[at].1);
            assert_same(Some(&cell), Some(expected));
            if place.is_none() {
                model.push((key, new));
            }
        }
        2 => {
            let found = find(store, hasher, key);
            let taken = found.and_then(|(found, _)| store.take(&found, &key));
            let known = place.map(|at| model.remove(at).1);
            assert_same(taken.map(|(_, cell)| cell).as_ref(), known.as_ref());
        }
        way => {
            let Some(at) = place else { return };
            let all = store.all().sorted().into_iter();
            let mut own = all.filter(|(listed, _)| *L::key(listed) == key);
            let (listed, cell) = own.next().unwrap();
            if way == 3 {
                assert!(store.take_cell(&listed, &new).is_none(), "never put in");
            } else {
                model.remove(at);
                assert!(store.take_cell(&listed, &cell).is_some());
            }
        }
    }
}

fn agrees<L>(in_order: bool)
where
    L: Layout<u8> + Finds<u8, u8>,
{
    for seed in 0..200 {
        let (mut store, mut model) = (Store::<u8, u32, L>::default(), Model::new());
        let (mut random, hasher) = (TestRng::new(seed), L::Hasher::default());
        for _ in 0..100 {
            step(&mut store, &hasher, &mut model, &mut random);
            assert_eq!(store.len(), model.len());
            for key in 0..6 {
                let expected = at(&model, key).map(|at| &model[at].1);
                let found = find(&store, &hasher, key).map(|(_, cell)| cell);
                assert_same(found.as_ref(), expected);
            }
            let mut expected: Vec<u8> = model.iter().map(|(key, _)| *key).collect();
            if in_order {
                expected.sort_unstable();
            }
            let all = store.all().sorted();
            let keys: Vec<u8> = all.iter().map(|(key, _)| *L::key(key)).collect();
            assert_eq!(keys, expected, "seed {seed}");
            for (key, cell) in &all {
                let found = find(&store, &hasher, *L::key(key)).map(|(_, cell)| cell);
                assert_same(found.as_ref(), Some(cell));
                assert_same(store.cell(key).as_ref(), Some(cell));
            }
        }
    }
}

#[test]
fn a_store_by_hash_keeps_the_order_in_which_keys_came() {
    agrees::<Hashed>(false);
}

#[test]
fn an_ordered_store_keeps_the_order_of_the_keys() {
    agrees::<Ordered>(true);
    let mut store = Store::<u8, u32, Ordered>::default();
    store.put(&mut Some(1), filled(7));
    let cells: Vec<_> = store
        .map()
        .values()
        .map(|slot| *slot.cell().read())
        .collect();
    assert_eq!(cells, [Some(7)]);
}
