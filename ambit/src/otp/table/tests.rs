//! Tables against plain lists: random operations, equal results.

use super::layout::{Finds, Hashed, Layout, Ordered};
use super::{Table, TableError};
use crate::test_rng::TestRng;

/// Pairs in the insertion order of their keys.
#[derive(Default)]
struct Model(Vec<(u8, i32)>);

impl Model {
    fn at(&mut self, key: u8) -> Option<&mut i32> {
        let mut pairs = self.0.iter_mut();
        pairs.find(|(own, _)| *own == key).map(|(_, value)| value)
    }

    fn insert(&mut self, key: u8, value: i32) -> Option<i32> {
        if let Some(own) = self.at(key) {
            return Some(std::mem::replace(own, value));
        }
        self.0.push((key, value));
        None
    }

    fn remove(&mut self, key: u8) -> Option<i32> {
        let at = self.0.iter().position(|(own, _)| *own == key)?;
        Some(self.0.remove(at).1)
    }
}

/// One step on both, with equal results.
fn step<L>(table: &Table<u8, i32, L>, model: &mut Model, random: &mut TestRng)
where
    L: Layout<u8> + Finds<u8, u8>,
{
    let (key, value) = (random.below(9), random.below(100));
    match random.below(12) {
        0..3 => assert_eq!(table.insert(key, value), Ok(model.insert(key, value))),
        3 => {
            let back = model.at(key).map(|_| value);
            if back.is_none() {
                model.insert(key, value);
            }
            assert_eq!(table.insert_new(key, value), Ok(back));
        }
        4..6 => assert_eq!(table.remove(&key), Ok(model.remove(key))),
        6 => {
            let double = |value: &mut i32| std::mem::replace(value, *value * 2 % 1000);
            assert_eq!(table.update(&key, double), Ok(model.at(key).map(double)));
        }
        7 => {
            let sum = model.at(key).map_or(value, |own| *own + value);
            model.insert(key, sum);
            assert_eq!(table.add(key, value), Ok(sum));
        }
        8 => {
            let own = model.at(key).map_or(7, |own| *own);
            model.insert(key, own - 1);
            let minus = |value: &mut i32| {
                *value -= 1;
                *value
            };
            assert_eq!(table.upsert(key, || 7, minus), Ok(own - 1));
        }
        9 => {
            let pairs = [(key, value), (8 - key, value + 1)];
            for (key, value) in pairs {
                model.insert(key, value);
            }
            assert_eq!(table.insert_all(pairs), Ok(()));
        }
        10 if random.below(4) == 0 => {
            model.0.clear();
            assert_eq!(table.clear(), Ok(()));
        }
        _ => {
            let before = model.0.len();
            model.0.retain_mut(|(key, value)| {
                *value += 1;
                (i32::from(*key) + *value) % 5 > 0
            });
            let wanted = |key: &u8, value: &mut i32| {
                *value += 1;
                (i32::from(*key) + *value) % 5 > 0
            };
            assert_eq!(table.retain(wanted), Ok(before - model.0.len()));
        }
    }
    assert_eq!(table.get(&key), Ok(model.at(key).copied()));
    assert_eq!(table.contains(&key), Ok(model.at(key).is_some()));
    assert_eq!(table.len(), Ok(model.0.len()));
    assert_eq!(table.is_empty(), Ok(model.0.is_empty()));
}

#[test]
fn a_table_agrees_with_a_plain_list() {
    for seed in 0..200 {
        let (table, mut model) = (Table::<u8, i32, Hashed>::new(), Model::default());
        let mut random = TestRng::new(seed);
        for _ in 0..200 {
            step(&table, &mut model, &mut random);
            assert_eq!(table.entries().unwrap(), model.0, "seed {seed}");
            let keys: Vec<_> = model.0.iter().map(|(key, _)| *key).collect();
            assert_eq!(table.keys(), Ok(keys));
        }
    }
}

#[test]
fn an_ordered_table_agrees_with_a_sorted_list() {
    for seed in 0..200 {
        let (table, mut model) = (Table::<u8, i32, Ordered>::ordered(), Model::default());
        let mut random = TestRng::new(seed);
        for _ in 0..200 {
            step(&table, &mut model, &mut random);
            let mut sorted = model.0.clone();
            sorted.sort_unstable();
            assert_eq!(table.entries().unwrap(), sorted, "seed {seed}");
            assert_eq!(table.first(), Ok(sorted.first().copied()));
            assert_eq!(table.last(), Ok(sorted.last().copied()));
            let (from, to) = (random.below(10), random.below(10));
            let within = |range: &dyn Fn(u8) -> bool| {
                let all = sorted.iter().copied();
                all.filter(|(key, _)| range(*key)).collect::<Vec<_>>()
            };
            assert_eq!(
                table.range(from..to),
                Ok(within(&|key| key >= from && key < to))
            );
            assert_eq!(
                table.range(from..=to),
                Ok(within(&|key| key >= from && key <= to))
            );
            assert_eq!(table.range(..to), Ok(within(&|key| key < to)));
            let next = within(&|key| key > from);
            assert_eq!(table.next(&from), Ok(next.first().copied()));
            let before = within(&|key| key < from);
            assert_eq!(table.prev(&from), Ok(before.last().copied()));
        }
    }
}

#[test]
fn a_range_that_ends_before_it_begins_is_empty() {
    use std::ops::Bound::{Excluded, Included};
    let table: Table<u8, i32, Ordered> = Table::ordered();
    table.insert_all([(1, 1), (2, 2), (3, 3)]).unwrap();
    #[expect(clippy::reversed_empty_ranges, reason = "the trait asks exactly this")]
    let reversed = table.range(3..1);
    assert_eq!(reversed, Ok(vec![]));
    assert_eq!(table.range((Excluded(2), Excluded(2))), Ok(vec![]));
    assert_eq!(table.range((Excluded(2), Included(2))), Ok(vec![]));
    assert_eq!(table.range((Included(2), Included(2))), Ok(vec![(2, 2)]));
}

#[test]
fn numbers_stop_at_their_bounds() {
    let table: Table<&str, i8> = Table::new();
    assert_eq!(table.add("a", 100), Ok(100));
    assert_eq!(table.add("a", 100), Ok(127));
    assert_eq!(table.add("b", -100), Ok(-100));
    assert_eq!(table.add("b", -100), Ok(-128));
}

#[test]
fn inside_a_function_of_a_table_no_table_is_used() {
    let table: Table<&str, Vec<u8>> = Table::new();
    let other: Table<&str, u8> = Table::new();
    table.insert("a", vec![1]).unwrap();
    let nested = table.update("a", |_| {
        (
            table.get("a").unwrap_err(),
            other.insert("b", 1).unwrap_err(),
            other.upsert("c", || 1, |_| ()).unwrap_err(),
        )
    });
    let expected = (TableError::Nested, TableError::Nested, TableError::Nested);
    assert_eq!(nested, Ok(Some(expected)));
    assert_eq!(
        table.with("a", |_| other.len()),
        Ok(Some(Err(TableError::Nested)))
    );
    assert_eq!(other.is_empty(), Ok(true), "and outside it is");
}

#[test]
fn a_panic_in_a_function_leaves_the_table_usable() {
    let table: Table<&str, u32> = Table::new();
    table.insert("a", 1).unwrap();
    let failing = || {
        table.update("a", |value| {
            *value += 1;
            panic!("as asked");
        })
    };
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(failing));
    assert!(failed.is_err());
    assert_eq!(table.get("a"), Ok(Some(2)), "as the function left it");
    assert_eq!(table.add("a", 1), Ok(3));
}
