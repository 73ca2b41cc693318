//! The assignment of process pairs to lanes.

use crate::wire::frame::address::ProcessAddress;

/// Returns the lane of everything that `from` sends to `to`: messages, replies and signals alike, so that they arrive
/// in order. A sender that is not a process counts as slot 0, generation 0.
///
/// The number is below `lanes`, or 0 if there are none. It depends only on the arguments, in this and in every later
/// version of `ambit/1`: the two ids, each as `slot << 32 | generation`, pass one after the other through the finalizer
/// of SplitMix64, and the upper bits select the lane.
///
/// ```
/// use ambit_dist::wire::{Local, lane};
/// let (a, b) = (Local { slot: 7, generation: 1 }, Local { slot: 8, generation: 1 });
/// assert_eq!(lane(Some(a), b, 4), 3);
/// assert_eq!(lane(Some(b), a, 4), 2);
/// ```
#[must_use]
pub fn lane(from: Option<ProcessAddress>, to: ProcessAddress, lanes: u8) -> u8 {
    let id = |local: ProcessAddress| u64::from(local.slot) << 32 | u64::from(local.generation);
    let hash = mix(mix(from.map_or(0, id)) ^ id(to));
    // Multiplying maps the hash to the range without the bias of a remainder.
    ((u128::from(hash) * u128::from(lanes)) >> 64) as u8
}

fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
