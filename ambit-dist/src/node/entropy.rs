//! The sources of time and randomness of a node: its only access to the machine's clock and random numbers.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::dice::Dice;
use crate::node::id::Incarnation;

/// Returns an unpredictable number.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Returns the incarnation of a node that starts now.
pub(crate) fn incarnation(dice: &mut Dice) -> Incarnation {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX >> 16);
    let [low, high, ..] = dice.roll().to_le_bytes();
    Incarnation::new(millis, u16::from_le_bytes([low, high]))
}
