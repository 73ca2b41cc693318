//! Random values, determined by their seeds.

use std::collections::{BTreeMap, BTreeSet};

use ambit::Message;

use crate::messages::bytes::{travels, ways};
use crate::messages::rng::TestRng;

/// Every kind of part, and several kinds of recursion.
#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[message(name = "test.any", version = 4)]
enum Any<T: Ord> {
    Nothing,
    #[message(tag = "number")]
    Number(i64, u8),
    Text {
        text: String,
        bytes: Vec<u8>,
    },
    Own(T),
    Maybe(Option<Box<Self>>),
    #[message(since = 2)]
    List(Vec<Any<T>>),
    Map {
        #[message(rename = "type")]
        map: BTreeMap<String, Self>,
        #[message(default)]
        set: BTreeSet<Self>,
    },
    #[message(since = 4)]
    Result(Result<Box<Self>, (char, bool)>),
    Pair(Box<Pair<Self>>),
}

#[derive(Message, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[message(name = "test.any-pair")]
struct Pair<T> {
    left: T,
    right: [T; 2],
}

fn text(rng: &mut TestRng) -> String {
    let length = rng.below(6);
    (0..length)
        .map(|_| char::from_u32(rng.below(0x11_0000) as u32).unwrap_or('ß'))
        .collect()
}

fn several<T>(
    rng: &mut TestRng,
    depth: u32,
    mut one: impl FnMut(&mut TestRng, u32) -> T,
) -> Vec<T> {
    let count = rng.below(4);
    (0..count).map(|_| one(rng, depth)).collect()
}

/// Returns a value nested no deeper than `depth`.
fn any(rng: &mut TestRng, depth: u32) -> Any<u32> {
    let kinds = if depth == 0 { 4 } else { 9 };
    let below = depth.saturating_sub(1);
    match rng.below(kinds) {
        0 => Any::Nothing,
        1 => Any::Number(rng.next_u64() as i64 >> rng.below(64), rng.next_u64() as u8),
        2 => Any::Text {
            text: text(rng),
            bytes: several(rng, 0, |rng, _| rng.next_u64() as u8),
        },
        3 => Any::Own(rng.next_u64() as u32),
        4 => Any::Maybe((rng.below(3) > 0).then(|| Box::new(any(rng, below)))),
        5 => Any::List(several(rng, below, any)),
        6 => {
            let map = several(rng, below, |rng, depth| (text(rng), any(rng, depth)));
            Any::Map {
                map: map.into_iter().collect(),
                set: several(rng, below, any).into_iter().collect(),
            }
        }
        7 if rng.below(2) == 0 => Any::Result(Err(('x', true))),
        7 => Any::Result(Ok(Box::new(any(rng, below)))),
        _ => Any::Pair(Box::new(Pair {
            left: any(rng, below),
            right: [any(rng, below), any(rng, below)],
        })),
    }
}

#[test]
fn any_value_round_trips_and_every_truncation_fails() {
    for seed in 0..150 {
        travels(&any(&mut TestRng::new(seed), 4));
    }
}

#[test]
fn equal_values_are_equal_bytes() {
    for seed in 0..500 {
        let (one, other) = (
            any(&mut TestRng::new(seed), 5),
            any(&mut TestRng::new(seed), 5),
        );
        for way in ways() {
            assert_eq!(way.encode(&one), way.encode(&other));
        }
    }
}
