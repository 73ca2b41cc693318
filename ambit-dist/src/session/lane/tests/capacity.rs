//! Fragmented and whole messages have separate capacity.

use super::*;

impl LaneFixture {
    fn rooms(&self) -> (usize, usize) {
        let queue = self.lane.queue.lock();
        (queue.whole.bytes, queue.in_pieces.bytes)
    }
}

#[test]
fn a_fragmented_message_does_not_use_the_capacity_for_short_messages() {
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
fn a_long_message_also_needs_capacity_for_short_messages() {
    let fixture = LaneFixture::new();
    // Longer than a chunk, but with its header not longer than a frame.
    assert_eq!(fixture.message(1, 1, 1_000), Ok(()));
    let full = Err(NotQueued::Full(ByteClass::Whole));
    assert_eq!(fixture.message(1, 2, 1_000), full);
    assert_eq!(fixture.message(2, 3, 3_000), full);
    assert_eq!(fixture.rooms().1, 0);
}

#[ambit::test]
async fn no_waiter_is_registered_while_capacity_is_available() {
    let fixture = LaneFixture::new();
    let node_context = NodeContext::new(id("own"), &System::current().unwrap());
    let proxy = node_context.peer_incarnation(&id("other")).node();
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
    fn each_byte_class_stays_within_its_bound_for_any_traffic(
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
