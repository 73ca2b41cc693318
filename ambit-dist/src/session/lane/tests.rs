//! Tests that the other node reads the frames that are put into a lane.

mod capacity;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use ambit::system::System;
use proptest::prelude::*;

use super::*;
use crate::node::id::NodeId;
use crate::remote_processes::node_context::NodeContext;
use crate::session::blocked::Blocked;
use crate::wire::{Fragments, Splitter};

const PAYLOAD: &[u8] = &[7; 5_000];

/// The number of bytes before the payload of an answer whose number is one byte.
const HEADERS: usize = 7;

fn pair(slot: u32) -> ProcessPair {
    let generation = 1;
    (None, Some(Address { slot, generation }))
}

fn id(name: &str) -> NodeId {
    crate::node::id::id(name, 1)
}

fn whole(whole: usize) -> ByteCounts {
    let in_pieces = 0;
    ByteCounts { whole, in_pieces }
}

fn frame(req: u64, length: usize) -> Frame<'static> {
    Frame::Reply {
        req,
        framed: false,
        payload: &PAYLOAD[..length],
    }
}

/// A lane, and the node that reads it.
struct LaneFixture {
    limits: Limits,
    sent_definitions: SentDefinitions,
    lane: Lane,
    splitter: Splitter,
    fragments: Fragments,
}

impl LaneFixture {
    /// Fragments have 100 bytes, and a frame may have 1,124.
    fn new() -> Self {
        let limits = Limits::default().max_message(4_000).chunk(100);
        Self::of(limits.partial_bytes(4 * 6_000).queue(1_000).signals(3))
    }

    fn of(limits: Limits) -> Self {
        Self {
            sent_definitions: SentDefinitions::new(&limits),
            lane: Lane::new(&limits),
            splitter: Splitter::new(&limits),
            fragments: Fragments::new(limits.clone()),
            limits,
        }
    }

    fn message(&self, slot: u32, req: u64, length: usize) -> Result<(), NotQueued> {
        let (sent_definitions, limits) = (&self.sent_definitions, &self.limits);
        let frame = frame(req, length);
        self.lane.message(
            pair(slot),
            &frame,
            length,
            || true,
            (sent_definitions, limits),
        )
    }

    fn signal(&self) -> Result<(), NotQueued> {
        let (sent_definitions, limits) = (&self.sent_definitions, &self.limits);
        self.lane
            .signal(pair(1), &frame(0, 0), sent_definitions, limits)
    }

    fn answer(&self, slot: u32, req: u64, length: usize) -> Result<(), NotQueued> {
        let (sent_definitions, limits) = (&self.sent_definitions, &self.limits);
        let frame = frame(req, length);
        self.lane
            .answer(pair(slot), &frame, sent_definitions, limits)
    }

    /// Writes one batch. Returns the numbers of the messages that it completes, and its number of fragments.
    fn write(&mut self) -> Option<(Vec<u64>, usize)> {
        let batch = self.lane.batch(&self.limits)?;
        let queued = self.lane.queued();
        let counted = batch.counted.whole + batch.counted.in_pieces;
        assert!(counted <= queued, "more was counted than is there");
        self.lane.written(batch.counted, &self.limits);
        assert_eq!(self.lane.queued(), queued - counted);
        let (mut complete, mut pieces) = (Vec::new(), 0);
        self.splitter.feed(batch.bytes);
        while let Some(raw) = self.splitter.pop().unwrap() {
            let mut raw = Some(raw);
            if let Some(Frame::Frag { id, last, chunk }) = raw.as_ref().unwrap().decode().unwrap() {
                pieces += 1;
                raw = self.fragments.push(id, last, chunk).unwrap();
            }
            match raw.as_ref().map(|raw| raw.decode().unwrap().unwrap()) {
                Some(Frame::Reply { req, .. }) => complete.push(req),
                Some(Frame::NodeDef { id, .. }) => complete.push(u64::from(id)),
                Some(other) => panic!("{other:?}"),
                None => {}
            }
        }
        Some((complete, pieces))
    }

    fn rest(&mut self) -> Vec<u64> {
        let mut all = Vec::new();
        while let Some((complete, _)) = self.write() {
            all.extend(complete);
        }
        all
    }

    fn is_woken(&self) -> bool {
        let ready = pin!(self.lane.ready());
        ready
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    }
}

#[test]
fn messages_behind_a_long_one_of_the_same_pair_wait_and_all_others_pass() {
    let mut fixture = LaneFixture::new();
    fixture.answer(1, 10, 2_000).unwrap();
    fixture.answer(1, 11, 0).unwrap();
    fixture.answer(2, 20, 0).unwrap();
    assert_eq!(fixture.write(), Some((vec![20], 1)));
    fixture.answer(2, 21, 0).unwrap();
    assert_eq!(fixture.write(), Some((vec![21], 1)));
    assert_eq!(fixture.rest(), [10, 11]);
    fixture.answer(1, 12, 0).unwrap();
    assert_eq!(
        fixture.write(),
        Some((vec![12], 0)),
        "the pair is free again"
    );
}

#[test]
fn the_longest_frame_is_sent_whole_and_one_byte_more_is_fragmented() {
    let mut fixture = LaneFixture::new();
    let longest = fixture.limits.frame() + LENGTH - HEADERS;
    let mut out = BytesMut::new();
    frame(1, longest).encode(&mut out);
    assert_eq!(out.len(), fixture.limits.frame() + LENGTH);
    fixture.answer(1, 1, longest).unwrap();
    assert_eq!(fixture.write(), Some((vec![1], 0)));
    fixture.answer(1, 2, longest + 1).unwrap();
    assert_eq!(fixture.write(), Some((vec![], 1)));
    // The same behind another long message.
    fixture.answer(1, 3, longest).unwrap();
    fixture.answer(1, 4, longest + 1).unwrap();
    fixture.answer(1, 5, 0).unwrap();
    let mut batches = std::iter::from_fn(|| fixture.write());
    let with_the_last_piece = batches.find(|(complete, _)| !complete.is_empty());
    assert_eq!(with_the_last_piece, Some((vec![2, 3], 1)));
    assert_eq!(fixture.rest(), [4, 5]);
}

#[test]
fn a_definition_is_sent_once_and_before_its_first_use() {
    let mut fixture = LaneFixture::new();
    let number = u64::from(fixture.sent_definitions.node(&id("third")).unwrap());
    fixture.answer(1, 10, 2_000).unwrap();
    assert_eq!(fixture.write(), Some((vec![number], 1)));
    fixture.answer(1, 11, 0).unwrap();
    assert_eq!(fixture.rest(), [10, 11]);
    assert_eq!(fixture.lane.queued(), 0);
}

#[ambit::test]
async fn messages_are_rejected_when_full_and_waiters_are_notified_once_at_half_capacity() {
    let fixture = LaneFixture::new();
    let (lane, limits) = (&fixture.lane, &fixture.limits);
    let fifth = limits.queue / 5 - HEADERS;
    for _ in 0..4 {
        fixture.message(1, 1, fifth).unwrap();
    }
    fixture.message(1, 1, fifth - 1).unwrap();
    assert_eq!(lane.queued(), limits.queue - 1);
    fixture.message(1, 2, 0).unwrap();
    let most = limits.queue - 1 + HEADERS;
    let full = Err(NotQueued::Full(ByteClass::Whole));
    assert_eq!(fixture.message(1, 1, fifth), full);
    assert_eq!(lane.queued(), most);
    fixture.answer(1, 2, 0).unwrap();
    fixture.signal().unwrap();
    let node_context = NodeContext::new(id("own"), &System::current().unwrap());
    let proxies = ["first", "second"].map(|name| node_context.peer_incarnation(&id(name)).node());
    for proxy in [&proxies[0], &proxies[1], &proxies[0]] {
        assert!(lane.block(ByteClass::Whole, proxy, limits));
    }
    let batch = lane.batch(limits).unwrap();
    assert_eq!(batch.counted, whole(most + 2 * HEADERS));
    let written = |bytes| lane.written(whole(bytes), limits);
    assert_eq!(written(batch.counted.whole - 501).len(), 0);
    let unblocked = written(1);
    assert_eq!(unblocked.len(), 2);
    assert!(
        unblocked
            .iter()
            .zip(&proxies)
            .all(|(a, b)| Arc::ptr_eq(a, b))
    );
    assert_eq!(written(500).len(), 0, "a second time");
    assert_eq!(lane.queued(), 0);
}

#[ambit::test]
async fn a_new_handle_to_a_blocked_process_is_notified_instead_of_the_dropped_one() {
    let mut blocked = Blocked::default();
    let node_context = NodeContext::new(id("own"), &System::current().unwrap());
    let peer = node_context.peer_incarnation(&id("first"));
    blocked.add(&peer.node());
    let again = peer.node();
    blocked.add(&again);
    let taken = blocked.take();
    let [proxy] = &taken[..] else {
        panic!("{} proxies", taken.len());
    };
    assert!(
        proxy
            .upgrade()
            .is_some_and(|proxy| Arc::ptr_eq(&proxy, &again))
    );
    assert!(blocked.take().is_empty());
}

#[test]
fn no_signal_is_lost_and_too_many_unwritten_signals_are_reported() {
    let mut fixture = LaneFixture::new();
    for _ in 0..2 {
        for _ in 0..fixture.limits.signals {
            fixture.signal().unwrap();
        }
        assert_eq!(fixture.rest().len(), fixture.limits.signals);
    }
    for _ in 0..fixture.limits.signals {
        fixture.signal().unwrap();
    }
    assert_eq!(fixture.signal(), Err(NotQueued::TooManySignals));
}

#[test]
fn queued_frames_are_written_at_the_end_and_new_ones_are_rejected() {
    let mut fixture = LaneFixture::new();
    fixture.answer(1, 1, 2_000).unwrap();
    assert!(!fixture.lane.is_closed());
    fixture.lane.finish();
    assert!(fixture.lane.is_closed());
    // The lane is also full, which would mean that waiting makes sense.
    assert_eq!(fixture.message(2, 2, 0), Err(NotQueued::Closed));
    assert_eq!(fixture.answer(2, 2, 0), Err(NotQueued::Closed));
    for _ in 0..5 {
        assert_eq!(
            fixture.signal(),
            Err(NotQueued::Closed),
            "it is not counted"
        );
    }
    assert_eq!(fixture.rest(), [1]);
}

#[ambit::test]
async fn queued_frames_are_dropped_when_the_connection_is_lost() {
    let mut fixture = LaneFixture::new();
    let node_context = NodeContext::new(id("own"), &System::current().unwrap());
    let proxy = node_context.peer_incarnation(&id("other")).node();
    fixture.answer(1, 1, 2_000).unwrap();
    fixture.answer(2, 2, 0).unwrap();
    assert!(
        fixture
            .lane
            .block(ByteClass::InPieces, &proxy, &fixture.limits)
    );
    fixture.lane.close();
    assert!(fixture.lane.is_closed());
    assert_eq!(fixture.lane.queued(), 0);
    assert_eq!(fixture.answer(2, 2, 0), Err(NotQueued::Closed));
    assert_eq!(fixture.write(), None);
    assert_eq!(fixture.lane.written(whole(0), &fixture.limits).len(), 0);
}

#[test]
fn the_writer_is_woken_by_input_to_an_empty_lane_and_by_its_end() {
    let mut fixture = LaneFixture::new();
    for length in [0, 2_000] {
        assert!(!fixture.is_woken());
        fixture.answer(1, 1, length).unwrap();
        assert!(fixture.is_woken());
        fixture.rest();
    }
    fixture.lane.finish();
    assert!(fixture.is_woken());
    fixture.lane.close();
    assert!(fixture.is_woken());
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 4 } else { 300 },
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Some wait until another fragmented message is complete, because there are too many of them, or they are too
    /// long.
    #[test]
    fn each_pair_keeps_its_order_and_all_of_it_arrives(
        steps in prop::collection::vec((0..4_u32, 0..4_000_usize, any::<bool>()), 0..40),
    ) {
        let mut fixture = LaneFixture::new();
        let (mut put, mut read) = (Vec::new(), Vec::new());
        for (number, (slot, length, writes)) in steps.into_iter().enumerate() {
            let req = number as u64 * 4 + u64::from(slot);
            // Half of them are short.
            fixture.answer(slot, req, if length < 2_000 { length % 100 } else { length }).unwrap();
            put.push(req);
            if let Some((complete, pieces)) = writes.then(|| fixture.write()).flatten() {
                prop_assert!(pieces <= 1);
                read.extend(complete);
            }
        }
        read.extend(fixture.rest());
        prop_assert_eq!(fixture.lane.queued(), 0);
        let of = |slot: u64, all: &[u64]| -> Vec<u64> {
            all.iter().copied().filter(|req| req % 4 == slot).collect()
        };
        for slot in 0..4 {
            prop_assert_eq!(of(slot, &read), of(slot, &put));
        }
    }
}
