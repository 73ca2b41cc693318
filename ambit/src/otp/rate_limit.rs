//! A rate limiter: a bucket of tokens in front of whatever must not come too fast.
//!
//! `bucket` decides which waiter gets a token when. `line` shares it between threads: one deadline on the clock of the
//! system grants the tokens, so no waiter depends on another one being polled.

mod acquire;
mod bucket;
mod line;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::engine::wheel::{Deadline, Expire};
use crate::otp::rate_limit::bucket::Bucket;
use crate::otp::rate_limit::line::{Clock, Line, Rings};
use crate::process::clock::HomeClock;
use crate::process::world::World;
use crate::rt::Instant;

pub use crate::otp::rate_limit::acquire::{Acquire, Limited};

/// So many in such a time, and how many at once.
///
/// ```
/// use ambit::Rate;
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

/// What a [`RateLimiter`] has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStats {
    /// How many tokens were taken.
    pub taken: u64,
    /// How many had to wait for one, whether or not they got it.
    pub delayed: u64,
    /// How many were refused because there was none.
    pub refused: u64,
    /// How many wait now.
    pub waiting: usize,
}

/// Lets so many pass in a time, and the others wait their turn: a token bucket.
///
/// The bucket begins full; whoever passes takes a token, and the [`Rate`] says how fast they come back. Those who wait get
/// their tokens in the order in which they came, and none of those who do not wait passes them. A wait that nobody polls
/// for a while, as in a `select!`, gets its token too and delays nobody else.
///
/// Cloning gives another handle on the same bucket; it can be used anywhere, inside processes and outside.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::{Rate, RateLimiter};
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
    line: Arc<Line<HomeClock>>,
}

impl Rate {
    /// So many a second, at least one; and at once no more than one.
    pub fn per_second(tokens: u32) -> Self {
        Self::per(Duration::from_secs(1), tokens)
    }

    /// So many, at least one, in each `period`, at least a nanosecond; and at once no more than one.
    pub fn per(period: Duration, tokens: u32) -> Self {
        Self {
            tokens: tokens.max(1),
            period: period.max(Duration::from_nanos(1)),
            burst: 1,
        }
    }

    /// How many may pass at once after a time in which nobody did; at least one. Default: 1.
    pub fn burst(self, burst: u32) -> Self {
        let burst = burst.max(1);
        Self { burst, ..self }
    }

    /// How many parts make a token.
    fn token(self) -> u128 {
        self.period.as_nanos()
    }
}

impl RateLimiter {
    /// With a full bucket. Its clock is that of the current system.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self {
            line: Arc::new(Line::new(rate, HomeClock::new())),
        }
    }

    /// Waits for a token and takes it. The place in the line is taken when this is first polled.
    ///
    /// Outside a tokio runtime there is no clock to wait on: the future is polled over and over then.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it takes no token and delays nobody.
    pub fn acquire(&self) -> Acquire {
        Acquire::new(self.clone())
    }

    /// Takes a token if there is one and nobody waits for it; else it is refused, and counted.
    #[must_use = "without a token, what is limited must not be done"]
    pub fn try_acquire(&self) -> bool {
        self.line.with(Bucket::take_or_refuse)
    }

    /// Waits for a token, and does `what` then: `limiter.limit(counter.hit(1)).await`, for casts, calls and whatever else
    /// does nothing until it is awaited. The wait for the token is not part of the deadline of a cast or call.
    ///
    /// # Cancel safety
    /// Dropped while it waits, nothing was done and no token is taken; dropped later, that of `what`.
    pub fn limit<F: Future>(&self, what: F) -> Limited<F> {
        Limited::new(self.acquire(), what)
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> RateStats {
        self.line.stats()
    }
}

impl Clock for HomeClock {
    type Alarm = Alarm;

    fn time(&self) -> Duration {
        self.now()
    }

    fn waits(&self) -> bool {
        self.world().is_some()
    }

    fn arm(line: &Arc<Line<Self>>, at: Duration) -> Option<Alarm> {
        let clock = line.clock();
        clock.world().map(|world| Alarm {
            deadline: world.wheel.arm(clock.at(at), line.clone()),
            world: Arc::downgrade(&world),
        })
    }
}

impl Expire for Line<HomeClock> {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.ring();
    }
}

/// A deadline in the wheel of a system.
struct Alarm {
    world: Weak<World>,
    deadline: Deadline,
}

impl Rings for Alarm {
    /// Whether its system is still there.
    fn rings(&self) -> bool {
        self.world.upgrade().is_some_and(|world| !world.is_down())
    }

    fn stop(&self) -> bool {
        let world = self.world.upgrade();
        world.is_none_or(|world| world.wheel.disarm(self.deadline).is_some())
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
