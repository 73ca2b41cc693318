//! What a lane lets in, and in which order it comes out.

use std::collections::BTreeMap;

use ambit::System;
use proptest::prelude::*;

use super::*;
use crate::node::id::id;
use crate::remote::life::Life;
use crate::wire::{Fragments, RawFrame, Splitter};

/// Ten times as much as a frame carries may wait.
fn limits() -> Limits {
    let limits = Limits::default().chunk(2_000).max_message(40_000);
    limits.queue(20_000).partials(2)
}

fn pair(number: u32) -> Pair {
    let process = |slot| Address {
        slot,
        generation: 0,
    };
    (Some(process(number)), Some(process(number)))
}

/// A lane, and what is defined for it: nothing.
struct Stage {
    lane: Lane,
    announced: Announced,
    limits: Limits,
}

impl Stage {
    fn new() -> Self {
        let limits = limits();
        Self {
            lane: Lane::new(&limits),
            announced: Announced::new(&limits),
            limits,
        }
    }

    /// Queues a message of a pair that is known by its number.
    fn message(&self, from: u32, number: u64, length: usize) -> Result<(), NotQueued> {
        let (payload, pair) = (vec![from as u8; length], pair(from));
        let frame = reply(number, &payload);
        self.lane
            .message(pair, &frame, length, &self.announced, &self.limits)
    }

    fn rooms(&self) -> (usize, usize) {
        let queue = self.lane.queue.lock();
        (queue.whole.bytes, queue.in_pieces.bytes)
    }

    /// Writes one batch; false if there is none.
    fn write(&self, reader: &mut Reader) -> bool {
        let Some(batch) = self.lane.batch(&self.limits) else {
            return false;
        };
        reader.read(batch.bytes);
        self.lane.written(batch.counted, &self.limits);
        true
    }
}

/// Any kind that may go in pieces will do.
fn reply(req: u64, payload: &[u8]) -> Frame<'_> {
    Frame::Reply {
        req,
        framed: false,
        payload,
    }
}

/// The other end: the numbers of the messages of each pair, and their lengths.
struct Reader {
    splitter: Splitter,
    fragments: Fragments,
    read: BTreeMap<u8, Vec<(u64, usize)>>,
}

impl Reader {
    fn new() -> Self {
        Self {
            splitter: Splitter::new(&limits()),
            fragments: Fragments::new(limits()),
            read: BTreeMap::new(),
        }
    }

    fn read(&mut self, bytes: Bytes) {
        self.splitter.feed(bytes);
        while let Some(raw) = self.splitter.pop().unwrap() {
            match raw.decode().unwrap().unwrap() {
                Frame::Frag { id, last, chunk } => {
                    let whole = self.fragments.push(id, last, chunk).unwrap();
                    whole.iter().for_each(|whole| self.note(whole));
                }
                _ => self.note(&raw),
            }
        }
    }

    fn note(&mut self, raw: &RawFrame) {
        let Some(Frame::Reply { req, payload, .. }) = raw.decode().unwrap() else {
            panic!("{raw:?}");
        };
        let of_pair = self.read.entry(payload[0]).or_default();
        of_pair.push((req, payload.len()));
    }
}

#[test]
fn a_message_in_pieces_leaves_the_room_of_short_ones_alone() {
    let stage = Stage::new();
    assert_eq!(stage.message(1, 1, 39_000), Ok(()));
    // What goes in pieces is full now, also for what follows in the same pair.
    let full = Err(NotQueued::Full(Sort::InPieces));
    assert_eq!(stage.message(2, 2, 39_000), full);
    assert_eq!(stage.message(1, 3, 10), full);
    assert_eq!(stage.message(2, 4, 10), Ok(()));
    let mut reader = Reader::new();
    assert!(stage.write(&mut reader));
    assert_eq!(reader.read, BTreeMap::from([(2, vec![(4, 10)])]));
    while stage.write(&mut reader) {}
    assert_eq!(reader.read[&1], [(1, 39_000)]);
    assert_eq!(stage.rooms(), (0, 0));
    assert_eq!(stage.message(1, 3, 10), Ok(()));
}

#[test]
fn a_long_message_waits_for_the_room_of_short_ones_too() {
    let stage = Stage::new();
    for number in 0..10 {
        // Longer than a chunk, and with its header not longer than a frame.
        assert_eq!(stage.message(1, number, 2_500), Ok(()), "{number}");
        if stage.rooms().0 >= stage.limits.queue {
            break;
        }
    }
    let full = Err(NotQueued::Full(Sort::Whole));
    assert_eq!(stage.message(1, 10, 2_500), full);
    assert_eq!(stage.message(2, 11, 30_000), full);
    assert_eq!(stage.rooms().1, 0);
}

#[ambit::test]
async fn nobody_is_noted_to_wait_for_room_that_is_there() {
    let stage = Stage::new();
    let life = Life::new(id("b", 1), &System::current().unwrap());
    let shadow = life.shadow(pair(1).0.unwrap(), "test");
    let waits = |sort| stage.lane.block(sort, &shadow, &stage.limits);
    assert!(!waits(Sort::Whole), "nothing will be written");
    stage.message(1, 1, 39_000).unwrap();
    assert!(waits(Sort::InPieces) && !waits(Sort::Whole));
    assert!(waits(Sort::InPieces), "noted once");
    let mut told = Vec::new();
    while let Some(batch) = stage.lane.batch(&stage.limits) {
        told.extend(stage.lane.written(batch.counted, &stage.limits));
    }
    assert_eq!(told.len(), 1);
    assert!(Arc::ptr_eq(&told[0], &shadow));
    assert!(!waits(Sort::InPieces));
}

/// What happens to a lane: a message of a pair, or a batch is written.
#[derive(Clone, Debug)]
enum Step {
    Message(u32, usize),
    Write,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let length = prop_oneof![
        4 => 1..100_usize,
        2 => 1_900..3_100_usize,
        1 => 3_000..40_000_usize,
    ];
    let step = prop_oneof![
        3 => (0..4_u32, length).prop_map(|(from, length)| Step::Message(from, length)),
        2 => Just(Step::Write),
    ];
    prop::collection::vec(step, 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn each_pair_keeps_its_order_and_each_room_its_bound(steps in steps()) {
        let stage = Stage::new();
        let mut reader = Reader::new();
        let mut sent: BTreeMap<u8, Vec<(u64, usize)>> = BTreeMap::new();
        let most = stage.limits.queue + stage.limits.message() + LENGTH;
        for (number, step) in (0..).zip(steps) {
            match step {
                Step::Write => drop(stage.write(&mut reader)),
                Step::Message(from, length) => {
                    if stage.message(from, number, length).is_ok() {
                        sent.entry(from as u8).or_default().push((number, length));
                    }
                }
            }
            let (whole, in_pieces) = stage.rooms();
            prop_assert!(whole <= most && in_pieces <= most, "{whole}, {in_pieces}");
            prop_assert_eq!(stage.lane.queued(), whole + in_pieces);
        }
        while stage.write(&mut reader) {}
        prop_assert_eq!(&reader.read, &sent);
        prop_assert_eq!(stage.rooms(), (0, 0));
    }
}
