//! The used restarts of a supervisor, for introspection.

use std::time::Duration;

use parking_lot::Mutex;

use crate::rt::Instant;
use crate::supervisor::intensity::{Counted, Intensity};

/// The restart limit of a supervisor, and how much of it is used.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder().start().await.unwrap();
///     let restarts = ambit::inspect::process_info(&supervisor).unwrap().restarts.unwrap();
///     assert_eq!((restarts.used, restarts.max, restarts.within), (0, 3, Duration::from_secs(5)));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Restarts {
    /// The number of restarts within the window that ends now.
    pub used: usize,
    /// The number of restarts that are allowed within the window.
    pub max: u32,
    /// The length of the window.
    #[cfg_attr(
        feature = "json",
        serde(rename = "within_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub within: Duration,
}

/// The window of one supervisor: a copy of the count in its core, updated with each change.
#[derive(Debug)]
pub(crate) struct RestartStats {
    began: Instant,
    restarts: Mutex<Intensity>,
}

impl RestartStats {
    pub(crate) fn new(max: u32, within: Duration, began: Instant) -> Self {
        Self {
            began,
            restarts: Mutex::new(Intensity::new(max, within)),
        }
    }

    /// Returns when the supervisor was started.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Applies the changes since the last decision.
    pub(crate) fn record(&self, changes: Vec<Counted>) {
        if changes.is_empty() {
            return;
        }
        let mut restarts = self.restarts.lock();
        for change in changes {
            match change {
                Counted::Restart(key, at) => {
                    restarts.used_at(at);
                    restarts.record(key, at);
                }
                Counted::Delay(key, delay) => restarts.hold(key, delay),
                Counted::GivenBack(key, rest) => restarts.give_back(key, rest),
            }
        }
    }

    pub(super) fn restarts(&self, now: Instant) -> Restarts {
        let mut restarts = self.restarts.lock();
        Restarts {
            used: restarts.used_at(now.saturating_duration_since(self.began)),
            max: restarts.max(),
            within: restarts.within(),
        }
    }
}
