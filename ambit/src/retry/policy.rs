//! The policy of a retry: how many attempts, and the pauses between them.

use std::sync::Arc;
use std::time::Duration;

use crate::process::clock::Clock;
use crate::process::system_inner::SystemInner;

/// The policy of a retry: three attempts by default, with a pause of 100 ms that doubles each time up to 5 s, without
/// jitter and without a time limit.
///
/// A policy is a plain `Copy` value and can be reused. [`run`](Self::run) executes an operation with it.
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
/// The random numbers come from the current system, so a test with a fixed seed always gets the same pauses.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Jitter {
    /// No randomization: each pause has exactly the length that the policy computes. The default.
    #[default]
    None,
    /// A random time between zero and the computed pause.
    Full,
    /// A random time between half the computed pause and all of it.
    Equal,
    /// A random time between the first pause and three times the previous one, limited to the longest pause. The factor
    /// of the policy is not used.
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
    /// Creates a policy with `attempts` attempts in total, including the first one; 0 counts as 1. The pauses are the
    /// default ones: 100 ms, doubled each time up to 5 s.
    pub fn times(attempts: u32) -> Self {
        Self {
            attempts: Some(attempts),
            ..Self::default()
        }
    }

    /// Creates a policy with an unlimited number of attempts; only [`within`](Self::within) limits them. The pauses are
    /// the default ones: 100 ms, doubled each time up to 5 s.
    pub fn unlimited() -> Self {
        Self {
            attempts: None,
            ..Self::default()
        }
    }

    /// Sets a constant pause before each further attempt.
    pub fn every(self, pause: Duration) -> Self {
        Self {
            first: pause,
            factor: 1,
            longest: pause,
            ..self
        }
    }

    /// Sets pauses that start at `first` and double each time, up to `longest`. Defaults: 100 ms and 5 s.
    pub fn exponential(self, first: Duration, longest: Duration) -> Self {
        Self {
            first,
            factor: 2,
            longest,
            ..self
        }
    }

    /// Sets the ratio of each pause to the previous one, up to the longest pause. Default: 2. With a factor of 0, every
    /// pause after the first one is zero. Call this method after [`exponential`](Self::exponential) and
    /// [`every`](Self::every), which set the factor to 2 and 1.
    pub fn factor(self, factor: u32) -> Self {
        Self { factor, ..self }
    }

    /// Sets the randomization of the pauses. Default: [`Jitter::None`].
    pub fn jitter(self, jitter: Jitter) -> Self {
        Self { jitter, ..self }
    }

    /// Limits the total time of all attempts and pauses, counted from the first poll. A pause that would exceed the
    /// limit is not started; the retry fails instead. A running attempt is not cancelled, but the calls inside it time
    /// out when the limit is reached. Default: no limit.
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
