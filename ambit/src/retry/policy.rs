//! The policy of a retry: how many attempts, and the pauses between them.

use std::sync::Arc;
use std::time::Duration;

use crate::process::clock::Clock;
use crate::process::system_inner::SystemInner;

/// The policy of a retry: three attempts by default, with a pause of 100 ms that doubles each time up to 5 s, without
/// jitter and without a time limit.
///
/// A policy is a plain value that can be reused. [`run`](Self::run) makes the attempts.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::retry::{Jitter, Retry};
/// use std::time::Duration;
/// struct Stock { pears: u32 }
/// #[gen_server]
/// impl Stock { #[call] fn pears(&self) -> u32 { self.pears } }
/// #[ambit::main]
/// async fn main() {
///     let _stock = Stock { pears: 3 }.start().name("stock").await.unwrap();
///     let stock = StockSubject::named("stock");
///     let patient = Retry::times(10)
///         .exponential(Duration::from_millis(50), Duration::from_secs(2))
///         .jitter(Jitter::Full)
///         .within(Duration::from_secs(10));
///     let pears = patient.run(|| stock.pears()).when(CallError::is_transient).await;
///     assert_eq!(pears, Ok(3));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a retry policy does nothing by itself"]
pub struct Retry {
    /// `None`: unlimited.
    pub(super) attempts: Option<u32>,
    pub(super) first: Duration,
    pub(super) factor: u32,
    pub(super) longest: Duration,
    pub(super) jitter: Jitter,
    pub(super) within: Option<Duration>,
}

/// The randomization of pauses, so that callers that failed together do not retry together.
///
/// The random numbers come from the system: a test with the same seed sees the same pauses.
///
/// ```
/// use ambit::retry::{Jitter, Retry};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let spread = Retry::times(3).exponential(Duration::from_micros(50), Duration::from_millis(1));
///     let outcome = spread.jitter(Jitter::Full).run(async || Err::<(), _>("busy")).await;
///     assert_eq!(outcome.unwrap_err().attempts, 3);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Jitter {
    /// No randomization: each pause is as long as the policy says. The default.
    #[default]
    None,
    /// A random time from nothing to the pause.
    Full,
    /// A random time from half the pause to the pause.
    Equal,
    /// A random time from the first pause to three times the last one, up to the longest: it grows randomly, and the
    /// factor is not used.
    Decorrelated,
}

impl Default for Retry {
    fn default() -> Self {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(5));
        Self {
            attempts: Some(3),
            first,
            factor: 2,
            longest,
            jitter: Jitter::None,
            within: None,
        }
    }
}

impl Retry {
    /// Creates a policy with this many attempts in all, including the first one; 0 counts as 1. The pauses are those of
    /// the default: 100 ms, doubled each time up to 5 s.
    pub fn times(attempts: u32) -> Self {
        Self {
            attempts: Some(attempts),
            ..Self::default()
        }
    }

    /// Creates a policy with unlimited attempts, as far as [`within`](Self::within) leaves time. The pauses are those
    /// of the default: 100 ms, doubled each time up to 5 s.
    pub fn unlimited() -> Self {
        Self {
            attempts: None,
            ..Self::default()
        }
    }

    /// Sets the same pause before each further attempt.
    pub fn every(self, pause: Duration) -> Self {
        Self {
            first: pause,
            factor: 1,
            longest: pause,
            ..self
        }
    }

    /// Sets a first pause that doubles each time, up to a longest one. Defaults: 100 ms and 5 s.
    pub fn exponential(self, first: Duration, longest: Duration) -> Self {
        Self {
            first,
            factor: 2,
            longest,
            ..self
        }
    }

    /// Sets the ratio of each pause to the one before, up to the longest pause. Default: 2. With 0, only the first
    /// pause is longer than zero. Call it after [`exponential`](Self::exponential), which sets the ratio to 2.
    pub fn factor(self, factor: u32) -> Self {
        Self { factor, ..self }
    }

    /// Sets the randomization of the pauses. Default: [`Jitter::None`].
    pub fn jitter(self, jitter: Jitter) -> Self {
        Self { jitter, ..self }
    }

    /// Limits the time of all attempts and pauses together, from the first poll. A pause that would outlast it is not
    /// begun. An attempt is not cut off, but the calls in it wait no longer than the remaining time. Default:
    /// unlimited.
    pub fn within(self, time: Duration) -> Self {
        Self {
            within: Some(time),
            ..self
        }
    }
}

/// Waits on a system's clock; does not wait at all without a system.
pub(crate) async fn rest(system: Option<Arc<SystemInner>>, pause: Duration) {
    let Some(system) = system else { return };
    let clock = Clock::start(&system, pause);
    std::future::poll_fn(|cx| clock.poll(cx)).await;
}
