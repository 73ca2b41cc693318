//! The switch of measuring, the ticks, and the long runs that were detected.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::pid::Pid;

/// A poll or an inline call of a process that occupied its thread for more than 10 ms, so that all other tasks of that
/// thread had to wait. Detected only while measuring is on, and only in real time; one that took less than 15 ms may be
/// missed.
///
/// ```
/// use ambit::inspect::{self, BlockingPoll, Snapshot};
/// fn longest(snapshot: &Snapshot) -> Option<&BlockingPoll> {
///     snapshot.blocking_polls.iter().max_by_key(|poll| poll.at_least)
/// }
/// #[ambit::main]
/// async fn main() {
///     let _measuring = inspect::measure().unwrap();
///     // Run the load to examine here.
///     assert_eq!(longest(&inspect::snapshot()), None, "nothing has blocked a thread");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BlockingPoll {
    /// The time at which it ended, measured from the creation of the system.
    #[cfg_attr(
        feature = "json",
        serde(rename = "at_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub at: Duration,
    /// The process that ran.
    pub pid: Pid,
    /// The name of the process's type.
    pub type_name: &'static str,
    /// The name of the method that ran, or `init` or `terminate`; empty for a plain process.
    pub method: &'static str,
    /// A lower bound of its duration.
    #[cfg_attr(
        feature = "json",
        serde(
            rename = "at_least_ns",
            serialize_with = "crate::process::nanos::nanos"
        )
    )]
    pub at_least: Duration,
}

/// The measurements of one system.
#[derive(Debug, Default)]
pub(crate) struct Measure {
    /// The active measurements, with the sampling interval of each.
    pub(super) asked: Mutex<MeasureRequests>,
    /// One message of this many is timed, a power of two; 0: measuring is off.
    pub(super) sample: AtomicU32,
    /// Increases while measuring is on and the clock is real.
    pub(super) ticks: AtomicU32,
    pub(super) polls: Mutex<VecDeque<BlockingPoll>>,
}

#[derive(Debug, Default)]
pub(super) struct MeasureRequests {
    pub(super) samples: Vec<u32>,
    /// The counting thread runs as long as this exists.
    pub(super) ticker: Option<Arc<()>>,
}

impl Measure {
    /// Returns the bits that are 0 in the number of a timed message.
    #[inline]
    pub(crate) fn mask(&self) -> u32 {
        self.sample.load(Ordering::Relaxed).saturating_sub(1)
    }

    #[inline]
    pub(crate) fn ticks(&self) -> u32 {
        self.ticks.load(Ordering::Relaxed)
    }

    /// Returns the counter behind [`ticks`](Self::ticks), for repeated reads.
    pub(crate) fn ticker(&self) -> &AtomicU32 {
        &self.ticks
    }

    /// Returns the long runs, oldest first.
    pub(crate) fn polls(&self) -> Vec<BlockingPoll> {
        self.polls.lock().iter().cloned().collect()
    }
}
