//! Mistakes on purpose: the comparison with OTP must find each of them, or it proves nothing. Feature `planted`.

/// A mistake in the decisions of supervisors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "planted"),
    allow(dead_code, unreachable_pub, reason = "only a test plants")
)]
pub enum PlantedBug {
    /// One restart more than allowed.
    WindowOffByOne,
    /// Children are stopped in the order of their starts.
    StopOrder,
    /// The end of a significant child means nothing.
    SignificantIgnored,
    /// A temporary child survives the restart of its group.
    TemporarySiblingKept,
    /// Only the first attempt to restart counts.
    FailedRestartNotCounted,
}

#[cfg(not(feature = "planted"))]
pub(crate) const fn is_planted(_: PlantedBug) -> bool {
    false
}

#[cfg(feature = "planted")]
mod planting {
    use std::cell::Cell;

    use super::PlantedBug;

    thread_local! {
        static PLANTED: Cell<Option<PlantedBug>> = const { Cell::new(None) };
    }

    /// Plants a mistake for the supervisors that this thread runs, or takes it away.
    pub fn plant(bug: Option<PlantedBug>) {
        PLANTED.set(bug);
    }

    pub(crate) fn is_planted(bug: PlantedBug) -> bool {
        PLANTED.get() == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub(crate) use planting::is_planted;
#[cfg(feature = "planted")]
pub use planting::plant;
