//! How much of its restarts a supervisor has used up, for whoever looks from outside.

use std::time::Duration;

use parking_lot::Mutex;

use crate::process::core::Proc;
use crate::rt::Instant;
use crate::supervisor::slot::Slots;

/// The restarts a supervisor may make, and has made lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Restarts {
    /// How many it has made inside the window that ends now.
    pub used: usize,
    /// How many it may make.
    pub max: u32,
    /// How long the window is.
    #[cfg_attr(
        feature = "json",
        serde(rename = "within_ns", serialize_with = "crate::process::nanos")
    )]
    pub within: Duration,
}

/// The window of one supervisor.
#[derive(Debug)]
pub(crate) struct Window {
    max: u32,
    within: Duration,
    /// When the last restarts were.
    restarts: Mutex<Vec<Instant>>,
}

impl Window {
    pub(crate) fn new(max: u32, within: Duration) -> Self {
        Self {
            max,
            within,
            restarts: Mutex::default(),
        }
    }

    /// The restarts that count now, as times since the supervisor began.
    pub(crate) fn note(&self, began: Instant, restarts: Vec<Duration>) {
        let restarts = restarts.into_iter().map(|at| began + at).collect();
        *self.restarts.lock() = restarts;
    }

    fn restarts(&self, now: Instant) -> Restarts {
        let restarts = self.restarts.lock();
        let counts = |at: &&Instant| now.saturating_duration_since(**at) <= self.within;
        Restarts {
            used: restarts.iter().filter(counts).count(),
            max: self.max,
            within: self.within,
        }
    }
}

/// The restarts of a process, if it is a supervisor.
pub(crate) fn restarts_of(process: &dyn Proc) -> Option<Restarts> {
    let core = process.core();
    let shown = core.relations.lock().shown.clone()?;
    let slots = shown.as_any().downcast::<Slots>().ok()?;
    Some(slots.window.restarts(core.world.now()))
}
