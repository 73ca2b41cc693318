//! A rate limiter: a token bucket in front of a limited resource.
//!
//! `bucket` decides when each waiter gets a token. `token_queue` shares it between threads: one deadline on the clock
//! of the system grants the tokens, so no waiter depends on the polling of another one.

pub(crate) mod acquire;
mod bucket;
mod rate;
mod token_queue;

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::engine::wheel::{Deadline, Expire};
use crate::otp::rate_limit::bucket::Bucket;
use crate::otp::rate_limit::token_queue::{LimiterClock, NotifyWaiter, TokenQueue};
use crate::process::clock::HomeClock;
use crate::process::system_inner::SystemInner;
use crate::rt::Instant;

pub use crate::otp::rate_limit::rate::{Rate, RateStats};

/// A rate limiter: a token bucket that limits operations to a rate and lets further operations wait.
///
/// The bucket starts full, with as many tokens as the burst of the [`Rate`], one by default. Each operation takes a
/// token, and tokens are refilled at the rate. Waiters get tokens in FIFO order, and requests that do not wait cannot
/// overtake them. A waiter that is not polled for a while, as in a `select!`, still gets its token and does not delay
/// the others.
///
/// Clones share the same bucket. A limiter can be used inside and outside processes.
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

impl RateLimiter {
    /// Returns a limiter with a full bucket. The limiter uses the clock of the current system, even when it is used in
    /// another system later. After the end of that system, it continues on the clock of the system that uses it.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            line: Arc::new(TokenQueue::new(rate, HomeClock::new())),
        }
    }

    /// Takes a token without waiting, and returns true if one was available. Tokens that callers of
    /// [`acquire`](Self::acquire) are waiting for are not available. A failed attempt counts as refused in the
    /// [`stats`](Self::stats).
    #[must_use = "without a token, what is limited must not be done"]
    pub fn try_acquire(&self) -> bool {
        self.line.with(Bucket::take_or_refuse)
    }

    /// Returns the counters since the limiter was created, and the number of current waiters.
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
        let (system, at) = line.clock().at(at)?;
        Some(Alarm {
            deadline: system.wheel.arm(at, line.clone()),
            system: Arc::downgrade(&system),
        })
    }
}

impl Expire for TokenQueue<HomeClock> {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.fire();
    }

    fn system_ended(self: Arc<Self>) {
        self.alarm_lost();
    }
}

/// A deadline in the timer wheel of a system.
struct Alarm {
    system: Weak<SystemInner>,
    deadline: Deadline,
}

impl NotifyWaiter for Alarm {
    /// Returns true while its system is running.
    fn fires(&self) -> bool {
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
