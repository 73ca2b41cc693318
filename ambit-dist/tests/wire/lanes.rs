//! The assignment of process pairs to lanes.

use ambit_dist::wire::{ProcessAddress, lane};

fn at(slot: u32, generation: u32) -> ProcessAddress {
    ProcessAddress { slot, generation }
}

/// Another version on the other side must compute the same numbers.
#[test]
fn the_lanes_of_known_pairs_never_change() {
    let pairs = [
        (None, at(0, 0)),
        (None, at(1, 1)),
        (Some(at(1, 1)), at(2, 1)),
        (Some(at(u32::MAX, 9)), at(5, u32::MAX)),
    ];
    let lanes: Vec<u8> = pairs
        .iter()
        .map(|(from, to)| lane(*from, *to, 255))
        .collect();
    assert_eq!(lanes, [166, 181, 227, 135]);
}

#[test]
fn an_absent_sender_counts_as_slot_zero() {
    assert_eq!(
        lane(None, at(3, 4), 200),
        lane(Some(at(0, 0)), at(3, 4), 200)
    );
}

#[test]
fn one_lane_and_none_are_number_zero() {
    for slot in 0..100 {
        assert_eq!(
            (lane(None, at(slot, 1), 1), lane(None, at(slot, 1), 0)),
            (0, 0)
        );
    }
}

/// Slots are assigned consecutively, and most processes have the first generation.
#[test]
fn neighbouring_processes_spread_over_all_lanes() {
    for lanes in [2, 3, 4, 7, 16] {
        let mut counts = vec![0u32; usize::from(lanes)];
        for (from, to) in (0..50).flat_map(|from| (0..50).map(move |to| (from, to))) {
            counts[usize::from(lane(Some(at(from, 1)), at(to, 1), lanes))] += 1;
        }
        let fair = 2500 / u32::from(lanes);
        for count in counts {
            assert!(
                count.abs_diff(fair) * 4 < fair,
                "{count} of {fair} on one of {lanes} lanes"
            );
        }
    }
}
