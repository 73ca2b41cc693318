//! A rate limiter: a token bucket in front of a limited resource.
//!
//! `bucket` decides when each waiter gets a token. `line` shares it between threads: one deadline on the clock of the
//! system grants the tokens, so no waiter depends on the polling of another one.

mod acquire;
mod bucket;
mod token_queue;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::engine::wheel::{Deadline, Expire};
use crate::otp::rate_limit::bucket::Bucket;
use crate::otp::rate_limit::token_queue::{LimiterClock, NotifyWaiter, TokenQueue};
use crate::process::clock::HomeClock;
use crate::process::system_inner::SystemInner;
use crate::rt::Instant;

pub use crate::otp::rate_limit::acquire::{Acquire, RateLimited};

/// A rate: tokens per period, and the size of a burst.
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
    tokens: u32,
    period: Duration,
    burst: u32,
}

/// Counters of a [`RateLimiter`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStats {
    /// The number of tokens taken.
    pub taken: u64,
    /// The number of requests that had to wait for a token, whether or not they got it.
    pub delayed: u64,
    /// The number of requests that were rejected because there was no token.
    pub refused: u64,
    /// The number of current waiters.
    pub waiting: usize,
}

/// Limits operations to a rate and makes the others wait: a token bucket.
///
/// The bucket begins full; each operation takes a token, and the [`Rate`] sets how fast tokens come back. Waiters get
/// their tokens in FIFO order, and requests that do not wait cannot overtake them. A waiter that is not polled for a
/// while, as in a `select!`, gets its token too and delays no other.
///
/// Cloning returns another handle of the same bucket. It can be used inside and outside processes.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::rate_limit::{Rate, RateLimiter};
/// struct Lamp { flashes: u32 }
/// #[gen_server]
/// impl Lamp {
///     #[cast] fn flash(&mut self) { self.flashes += 1 }
///     #[call] fn flashes(&self) -> u32 { self.flashes }
/// }
/// #[ambit::main]
/// async fn main() {
///     let lamp = Lamp { flashes: 0 }.start().await.unwrap();
///     let limiter = RateLimiter::new(Rate::per_second(1_000).burst(2));
///     for _ in 0..5 {
///         limiter.limit(lamp.flash()).await.unwrap();
///     }
///     assert_eq!(lamp.flashes().await, Ok(5));
///     assert_eq!(limiter.stats().taken, 5);
/// }
/// ```
#[derive(Clone)]
pub struct RateLimiter {
    line: Arc<TokenQueue<HomeClock>>,
}

impl Rate {
    /// Returns a rate of `tokens` a second, at least one, without bursts.
    pub fn per_second(tokens: u32) -> Self {
        Self::per(Duration::from_secs(1), tokens)
    }

    /// Returns a rate of `tokens`, at least one, in each `period`, at least a nanosecond, without bursts.
    pub fn per(period: Duration, tokens: u32) -> Self {
        Self {
            tokens: tokens.max(1),
            period: period.max(Duration::from_nanos(1)),
            burst: 1,
        }
    }

    /// Sets how many operations may pass at once after an idle time; at least one. Default: 1.
    pub fn burst(self, burst: u32) -> Self {
        let burst = burst.max(1);
        Self { burst, ..self }
    }

    /// Returns how many parts make a token.
    fn token(self) -> u128 {
        self.period.as_nanos()
    }
}

impl RateLimiter {
    /// Returns a limiter with a full bucket. It uses the clock of the current system.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            line: Arc::new(TokenQueue::new(rate, HomeClock::new())),
        }
    }

    /// Waits for a token and takes it. The first poll joins the queue.
    ///
    /// Outside a tokio runtime there is no clock to wait on: the future then wakes itself repeatedly.
    ///
    /// # Cancel safety
    /// Dropped before completion, it takes no token and delays no other waiter.
    pub fn acquire(&self) -> Acquire {
        Acquire::new(self.clone())
    }

    /// Takes a token if there is one and no waiter needs it; otherwise the request is rejected, and counted.
    #[must_use = "without a token, what is limited must not be done"]
    pub fn try_acquire(&self) -> bool {
        self.line.with(Bucket::take_or_refuse)
    }

    /// Waits for a token, and then awaits `what`: `limiter.limit(counter.hit(1)).await`, for casts, calls and any other
    /// lazy future. The wait for the token is not part of the deadline of a cast or call.
    ///
    /// # Cancel safety
    /// Dropped while it waits, `what` has not begun and no token is taken; dropped later, the cancel safety of `what`
    /// applies.
    pub fn limit<F: Future>(&self, what: F) -> RateLimited<F> {
        RateLimited::new(self.acquire(), what)
    }

    /// Returns the counters so far.
    #[must_use]
    pub fn stats(&self) -> RateStats {
        self.line.stats()
    }
}

impl LimiterClock for HomeClock {
    type LimiterDeadline = Alarm;

    fn time(&self) -> Duration {
        self.now()
    }

    fn waits(&self) -> bool {
        self.system().is_some()
    }

    fn arm(line: &Arc<TokenQueue<Self>>, at: Duration) -> Option<Alarm> {
        let clock = line.clock();
        clock.system().map(|system| Alarm {
            deadline: system.wheel.arm(clock.at(at), line.clone()),
            system: Arc::downgrade(&system),
        })
    }
}

impl Expire for TokenQueue<HomeClock> {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.ring();
    }
}

/// A deadline in the timer wheel of a system.
struct Alarm {
    system: Weak<SystemInner>,
    deadline: Deadline,
}

impl NotifyWaiter for Alarm {
    /// Returns true while its system is running.
    fn rings(&self) -> bool {
        self.system
            .upgrade()
            .is_some_and(|system| !system.is_down())
    }

    fn stop(&self) -> bool {
        let system = self.system.upgrade();
        system.is_none_or(|system| system.wheel.disarm(self.deadline).is_some())
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
