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
    let mut stage = LaneFixture::new();
    assert_eq!(stage.message(1, 1, 3_900), Ok(()));
    // The capacity for fragmented messages is used up now, also for later messages of the same pair.
    let full = Err(NotQueued::Full(ByteClass::InPieces));
    assert_eq!(stage.message(2, 2, 3_900), full);
    assert_eq!(stage.message(1, 3, 10), full);
    assert_eq!(stage.message(2, 4, 10), Ok(()));
    assert_eq!(stage.write(), Some((vec![4], 1)));
    assert_eq!(stage.rest(), [1]);
    assert_eq!(stage.rooms(), (0, 0));
    assert_eq!(stage.message(1, 3, 10), Ok(()));
}

#[test]
fn a_long_message_waits_for_the_room_of_short_ones_too() {
    let stage = LaneFixture::new();
    // Longer than a chunk, but with its header not longer than a frame.
    assert_eq!(stage.message(1, 1, 1_000), Ok(()));
    let full = Err(NotQueued::Full(ByteClass::Whole));
    assert_eq!(stage.message(1, 2, 1_000), full);
    assert_eq!(stage.message(2, 3, 3_000), full);
    assert_eq!(stage.rooms().1, 0);
}

#[ambit::test]
async fn nobody_is_noted_to_wait_for_room_that_is_there() {
    let stage = LaneFixture::new();
    let own = NodeState::new(id("own"), &System::current().unwrap());
    let proxy = own.life(&id("other")).node();
    let waits = |sort| stage.lane.block(sort, &proxy, &stage.limits);
    assert!(!waits(ByteClass::Whole), "nothing will be written");
    stage.message(1, 1, 3_900).unwrap();
    assert!(waits(ByteClass::InPieces) && !waits(ByteClass::Whole));
    let mut told = Vec::new();
    while let Some(batch) = stage.lane.batch(&stage.limits) {
        told.extend(stage.lane.written(batch.counted, &stage.limits));
    }
    assert_eq!(told.len(), 1);
    assert!(!waits(ByteClass::InPieces));
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn each_room_keeps_its_bound_whatever_is_sent(
        steps in prop::collection::vec((0..4_u32, 0..4_000_usize, any::<bool>()), 0..60),
    ) {
        let mut stage = LaneFixture::new();
        let most = stage.limits.queue + stage.limits.message() + LENGTH;
        for (slot, length, writes) in steps {
            let length = if length < 2_000 { length % 100 } else { length };
            stage.message(slot, 1, length).ok();
            let (whole, in_pieces) = stage.rooms();
            prop_assert!(whole <= most && in_pieces <= most, "{whole}, {in_pieces}");
            prop_assert_eq!(stage.lane.queued(), whole + in_pieces);
            if writes {
                stage.write();
            }
        }
        stage.rest();
        prop_assert_eq!(stage.rooms(), (0, 0));
    }
}
