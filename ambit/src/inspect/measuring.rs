//! Turning measuring on, and sources of subscriber lags.

use std::fmt;
use std::sync::Arc;

use crate::error::StartError;
use crate::process::current_system;
use crate::process::lag_sources::{self, Lag, LagGuard};
use crate::process::measure::SAMPLE;
use crate::process::system_inner::SystemInner;
use crate::system::System;

/// A guard that keeps measuring on while it exists: every message is counted, and a sample is timed. Created by
/// [`measure`], [`measure_every`] and [`System::measure`].
///
/// The counts and times of a system accumulate over all guards, and remain after the last guard is dropped.
///
/// ```
/// use ambit::inspect;
/// #[ambit::main]
/// async fn main() {
///     let (first, second) = (inspect::measure().unwrap(), inspect::measure().unwrap());
///     drop(first);
///     assert!(inspect::snapshot().measured, "the second guard exists");
///     drop(second);
///     assert!(!inspect::snapshot().measured);
/// }
/// ```
#[must_use = "nothing is measured when the guard is dropped"]
pub struct Measuring {
    system: Arc<SystemInner>,
    sample: u32,
}

/// Measures the current system until the returned guard is dropped: counts every message, and times about one in 64.
///
/// # Errors
/// [`StartError::NoRuntime`] outside a tokio runtime, unless there is a current system.
///
/// ```
/// use ambit::inspect;
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let measuring = inspect::measure().unwrap();
///     let counter = Counter(40).start().await.unwrap();
///     counter.add(2).await.unwrap();
///     assert_eq!(inspect::snapshot().methods[0].handled, 1);
///     drop(measuring);
///     assert!(!inspect::snapshot().measured);
/// }
/// ```
pub fn measure() -> Result<Measuring, StartError> {
    measure_every(SAMPLE)
}

/// Measures like [`measure`], but times one message in `sample`. `sample` is rounded up to a power of two; 0 counts
/// as 1. With a `sample` of 1, every message is timed, at the cost of two clock reads per message.
///
/// If several guards exist, the smallest `sample` applies. A method that is already being measured adopts a new rate at
/// its next timed message. Of the quick calls that run inline ([`InPlace`](crate::InPlace)), one in 64 is timed at any
/// rate.
///
/// # Errors
/// [`StartError::NoRuntime`] outside a tokio runtime, unless there is a current system.
///
/// ```
/// # #[ambit::main]
/// # async fn main() {
/// let _measuring = ambit::inspect::measure_every(1).unwrap();
/// assert!(ambit::inspect::snapshot().measured);
/// # }
/// ```
pub fn measure_every(sample: u32) -> Result<Measuring, StartError> {
    let system = current_system::current_or_new().ok_or(StartError::NoRuntime)?;
    Ok(Measuring::begin(system, sample))
}

impl System {
    /// Measures this system until the returned guard is dropped, as [`inspect::measure`](measure) does for the current
    /// system.
    pub fn measure(&self) -> Measuring {
        Measuring::begin(self.inner.clone(), SAMPLE)
    }
}

impl Measuring {
    pub(super) fn begin(system: Arc<SystemInner>, sample: u32) -> Self {
        system.measure.begin(&system, sample);
        Self { system, sample }
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        self.system.measure.end(&self.system, self.sample);
    }
}

impl fmt::Debug for Measuring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Measuring")
            .field("sample", &self.sample)
            .finish_non_exhaustive()
    }
}

/// Registers `source`, a function that returns the subscribers that lag behind, for all snapshots of the current system
/// until the guard is dropped. Snapshots report large lags as [`Lint::SubscriberLag`](super::Lint::SubscriberLag). Each
/// snapshot calls `source` on the caller's thread; a panic in it is logged, and the snapshot continues without it.
///
/// # Errors
/// [`StartError::NoRuntime`] outside a tokio runtime, unless there is a current system.
///
/// ```
/// use ambit::inspect::{self, Lag, Lint};
/// # use ambit::prelude::*;
/// # #[ambit::main]
/// # async fn main(inbox: Inbox<u8>) {
/// let pid = inbox.pid();
/// let source = move || vec![Lag { source: "prices".into(), pid, behind: 2_000 }];
/// let _asked = inspect::add_lag_source(source).unwrap();
/// assert_eq!(inspect::snapshot().lints[0].lint, Lint::SubscriberLag);
/// # }
/// ```
pub fn add_lag_source(
    source: impl Fn() -> Vec<Lag> + Send + Sync + 'static,
) -> Result<LagGuard, StartError> {
    let system = current_system::current_or_new().ok_or(StartError::NoRuntime)?;
    Ok(lag_sources::add(&system, source))
}
