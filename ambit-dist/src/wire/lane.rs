//! Assigns pairs of processes to lanes.

use crate::wire::frame::address::ProcessAddress;

/// Returns the number of the lane that carries everything from `from` to `to` (messages, replies and signals), so that
/// it arrives in order. If `from` is `None`, because the sender is not a process, slot 0 and generation 0 are used.
/// `lanes` is the number of lanes of the session.
///
/// The result is below `lanes`, or 0 if `lanes` is 0. It depends only on the arguments, in this and in every later
/// version of `ambit/1`: the finalizer of SplitMix64 is applied first to the address of `from`, and then to the XOR of
/// that result and the address of `to`, each address as `slot << 32 | generation`. The upper bits of the hash select
/// the lane.
///
/// ```
/// use ambit_dist::wire::{ProcessAddress, lane};
/// let (a, b) = (ProcessAddress { slot: 7, generation: 1 }, ProcessAddress { slot: 8, generation: 1 });
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
