//! The only access to time, tasks and randomness, so that a simulator can replace them all. `ambit-dist/clippy.toml`
//! forbids direct access elsewhere.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use tokio::task::{AbortHandle, JoinHandle, JoinSet, yield_now};
use tokio::time::Timeout;
pub(crate) use tokio::time::{Instant, Sleep};

/// Returns the time of the runtime's clock.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Returns the instant after this time. A time that the clock does not reach ends in thirty years.
pub(crate) fn after(time: Duration) -> Instant {
    let now = now();
    let never = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now.checked_add(time).unwrap_or_else(|| now + never)
}

/// Returns the milliseconds since 1970 by the system's clock, or 0 if it is before that.
pub(crate) fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

/// Random numbers that their seed determines; [`entropy`] is the only source of seeds.
pub(crate) use fastrand::Rng;

/// Returns an unpredictable number.
pub(crate) fn entropy() -> u64 {
    RandomState::new().build_hasher().finish()
}

pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

pub(crate) fn sleep_until(deadline: Instant) -> Sleep {
    tokio::time::sleep_until(deadline)
}

pub(crate) fn timeout<F: Future>(duration: Duration, future: F) -> Timeout<F> {
    tokio::time::timeout(duration, future)
}

pub(crate) fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    tokio::time::timeout_at(deadline, future)
}

/// Spawns a task onto the current runtime.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future)
}
