//! Fragmented and whole messages have separate capacity.

use super::*;

impl LaneFixture {
    fn rooms(&self) -> (usize, usize) {
        let queue = self.lane.queue.lock();
        (queue.whole.bytes, queue.in_pieces.bytes)
    }
}

#[test]
fn a_message_in_pieces_leaves_the_room_of_short_ones_alone() {
    let mut fixture = LaneFixture::new();
    assert_eq!(fixture.message(1, 1, 3_900), Ok(()));
    // The capacity for fragmented messages is used up now, also for later messages of the same pair.
    let full = Err(NotQueued::Full(ByteClass::InPieces));
    assert_eq!(fixture.message(2, 2, 3_900), full);
    assert_eq!(fixture.message(1, 3, 10), full);
    assert_eq!(fixture.message(2, 4, 10), Ok(()));
    assert_eq!(fixture.write(), Some((vec![4], 1)));
    assert_eq!(fixture.rest(), [1]);
    assert_eq!(fixture.rooms(), (0, 0));
    assert_eq!(fixture.message(1, 3, 10), Ok(()));
}

#[test]
fn a_long_message_waits_for_the_room_of_short_ones_too() {
    let fixture = LaneFixture::new();
    // Longer than a chunk, but with its header not longer than a frame.
    assert_eq!(fixture.message(1, 1, 1_000), Ok(()));
    let full = Err(NotQueued::Full(ByteClass::Whole));
    assert_eq!(fixture.message(1, 2, 1_000), full);
    assert_eq!(fixture.message(2, 3, 3_000), full);
    assert_eq!(fixture.rooms().1, 0);
}

#[ambit::test]
async fn nobody_is_noted_to_wait_for_room_that_is_there() {
    let fixture = LaneFixture::new();
    let node_state = NodeState::new(id("own"), &System::current().unwrap());
    let proxy = node_state.peer_incarnation(&id("other")).node();
    let waits = |sort| fixture.lane.block(sort, &proxy, &fixture.limits);
    assert!(!waits(ByteClass::Whole), "nothing will be written");
    fixture.message(1, 1, 3_900).unwrap();
    assert!(waits(ByteClass::InPieces) && !waits(ByteClass::Whole));
    let mut written = Vec::new();
    while let Some(batch) = fixture.lane.batch(&fixture.limits) {
        written.extend(fixture.lane.written(batch.counted, &fixture.limits));
    }
    assert_eq!(written.len(), 1);
    assert!(!waits(ByteClass::InPieces));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_room_keeps_its_bound_whatever_is_sent(
        steps in prop::collection::vec((0..4_u32, 0..4_000_usize, any::<bool>()), 0..60),
    ) {
        let mut fixture = LaneFixture::new();
        let most = fixture.limits.queue + fixture.limits.message() + LENGTH;
        for (slot, length, writes) in steps {
            let length = if length < 2_000 { length % 100 } else { length };
            fixture.message(slot, 1, length).ok();
            let (whole, in_pieces) = fixture.rooms();
            prop_assert!(whole <= most && in_pieces <= most, "{whole}, {in_pieces}");
            prop_assert_eq!(fixture.lane.queued(), whole + in_pieces);
            if writes {
                fixture.write();
            }
        }
        fixture.rest();
        prop_assert_eq!(fixture.rooms(), (0, 0));
    }
}
