//! The rate of a limiter, and its counters.

use std::time::Duration;

/// The rate of a limiter: a number of tokens per period, and the maximum burst.
///
/// ```
/// use ambit::rate_limit::Rate;
/// use std::time::Duration;
/// let ten = Rate::per_second(10).burst(3);
/// assert_eq!(ten, Rate::per(Duration::from_secs(1), 10).burst(3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a rate limits nothing by itself"]
pub struct Rate {
    pub(super) tokens: u32,
    pub(super) period: Duration,
    pub(super) burst: u32,
}

impl Rate {
    /// Returns a rate of `tokens` per second, without bursts: one token every 1/`tokens` of a second. 0 counts as 1.
    ///
    /// A wait ends with a timer of one millisecond, which may be later than its token. The tokens that accrue in the
    /// meantime, up to those of 10 ms, are kept for the next requests, beyond the burst, until they are not needed.
    pub fn per_second(tokens: u32) -> Self {
        Self::per(Duration::from_secs(1), tokens)
    }

    /// Returns a rate of `tokens` per `period`, without bursts. For `tokens`, 0 counts as 1; a zero `period` counts as
    /// one nanosecond.
    pub fn per(period: Duration, tokens: u32) -> Self {
        Self {
            tokens: tokens.max(1),
            period: period.max(Duration::from_nanos(1)),
            burst: 1,
        }
    }

    /// Sets how many operations may start at once, initially and after an idle period. Default: 1; 0 counts as 1.
    pub fn burst(self, burst: u32) -> Self {
        let burst = burst.max(1);
        Self { burst, ..self }
    }

    /// Returns how many parts make a token.
    pub(super) fn token(self) -> u128 {
        self.period.as_nanos()
    }
}

/// The counters of a [`RateLimiter`](crate::rate_limit::RateLimiter).
///
/// ```
/// use ambit::rate_limit::{Rate, RateLimiter};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let limiter = RateLimiter::new(Rate::per(Duration::from_secs(3_600), 1));
///     assert!(limiter.try_acquire());
///     assert!(!limiter.try_acquire());
///     let stats = limiter.stats();
///     assert_eq!((stats.taken, stats.refused, stats.waiting), (1, 1, 0));
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStats {
    /// The number of tokens taken, excluding those that cancelled waits have returned.
    pub taken: u64,
    /// The number of requests that had to wait for a token, including those that were cancelled.
    pub delayed: u64,
    /// The number of calls of [`try_acquire`](crate::rate_limit::RateLimiter::try_acquire) that got no token.
    pub refused: u64,
    /// The number of requests that are waiting for a token.
    pub waiting: usize,
}
