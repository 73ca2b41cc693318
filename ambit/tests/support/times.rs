//! Times on a paused clock.

use std::time::Duration;

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Asserts a virtual time: exact, except for the millisecond resolution of timers.
#[track_caller]
pub(crate) fn about(expected: Duration, seen: Duration) {
    let limit = expected + ms(1);
    assert!(
        (expected..=limit).contains(&seen),
        "{seen:?} instead of {expected:?}"
    );
}
