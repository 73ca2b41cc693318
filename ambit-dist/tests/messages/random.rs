//! Random values, determined by their seeds.

use std::collections::{BTreeMap, BTreeSet};

use ambit::Message;

use crate::messages::bytes::{travels, ways};
use crate::messages::dice::Dice;

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

fn text(dice: &mut Dice) -> String {
    let length = dice.below(6);
    (0..length)
        .map(|_| char::from_u32(dice.below(0x11_0000) as u32).unwrap_or('ß'))
        .collect()
}

fn several<T>(dice: &mut Dice, depth: u32, mut one: impl FnMut(&mut Dice, u32) -> T) -> Vec<T> {
    let count = dice.below(4);
    (0..count).map(|_| one(dice, depth)).collect()
}

/// Returns a value nested no deeper than `depth`.
fn any(dice: &mut Dice, depth: u32) -> Any<u32> {
    let kinds = if depth == 0 { 4 } else { 9 };
    let below = depth.saturating_sub(1);
    match dice.below(kinds) {
        0 => Any::Nothing,
        1 => Any::Number(dice.roll() as i64 >> dice.below(64), dice.roll() as u8),
        2 => Any::Text {
            text: text(dice),
            bytes: several(dice, 0, |dice, _| dice.roll() as u8),
        },
        3 => Any::Own(dice.roll() as u32),
        4 => Any::Maybe((dice.below(3) > 0).then(|| Box::new(any(dice, below)))),
        5 => Any::List(several(dice, below, any)),
        6 => {
            let map = several(dice, below, |dice, depth| (text(dice), any(dice, depth)));
            Any::Map {
                map: map.into_iter().collect(),
                set: several(dice, below, any).into_iter().collect(),
            }
        }
        7 if dice.below(2) == 0 => Any::Result(Err(('x', true))),
        7 => Any::Result(Ok(Box::new(any(dice, below)))),
        _ => Any::Pair(Box::new(Pair {
            left: any(dice, below),
            right: [any(dice, below), any(dice, below)],
        })),
    }
}

#[test]
fn any_value_comes_back_and_no_cut_of_it_does() {
    for seed in 0..150 {
        travels(&any(&mut Dice::new(seed), 4));
    }
}

#[test]
fn equal_values_are_equal_bytes() {
    for seed in 0..500 {
        let (one, other) = (any(&mut Dice::new(seed), 5), any(&mut Dice::new(seed), 5));
        for way in ways() {
            assert_eq!(way.encode(&one), way.encode(&other));
        }
    }
}
