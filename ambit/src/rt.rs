//! The only interface to the runtime: time, spawning and wake-ups go through here, so that a simulator can replace all
//! of them. `ambit/clippy.toml` forbids direct use everywhere else.

use std::cell::Cell;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

#[cfg(feature = "signal")]
pub(crate) mod signals;
pub(crate) mod sync;

pub(crate) use tokio::runtime::Handle;
pub(crate) use tokio::task::AbortHandle;
pub(crate) use tokio::time::Instant;

/// A boxed, sendable future, for call sites where the allocation does not matter.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The maximum distance of deadlines; longer delays are cut to it (about 30 years).
pub(crate) const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);

/// Returns the time of the runtime behind `handle`.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) fn now(handle: Option<&Handle>) -> Instant {
    // A paused clock belongs to its runtime and is read only from inside it.
    let _inside = if cfg!(feature = "test") {
        handle.map(Handle::enter)
    } else {
        None
    };
    Instant::now()
}

/// Returns `now + delay`, never past [`FAR`].
pub(crate) fn after(now: Instant, delay: Duration) -> Instant {
    now + delay.min(FAR)
}

/// A generator of random numbers, determined by its seed; [`entropy`] is the only source of seeds.
pub(crate) use fastrand::Rng;

/// Returns an unpredictable number.
pub(crate) fn entropy() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Boxes `future` in debug builds: the code that polls it is then compiled once, not again for each future. A test or
/// program with many processes builds in half the time.
#[cfg(debug_assertions)]
pub(crate) fn whole<F>(future: F) -> BoxFuture<'static, F::Output>
where
    F: Future + Send + 'static,
{
    Box::pin(future)
}

/// Returns the future itself in release builds, where time and memory count.
#[cfg(not(debug_assertions))]
pub(crate) fn whole<F: Future>(future: F) -> F {
    future
}

/// Spawns onto the runtime behind `handle`. If that runtime is shutting down, the future is dropped at once.
pub(crate) fn spawn<F>(handle: &Handle, future: F) -> AbortHandle
where
    F: Future<Output = ()> + Send + 'static,
{
    handle.spawn(whole(future)).abort_handle()
}

/// Has the task polled again after the other ready tasks: a wake-up alone would put it before those that have used up
/// their budget.
pub(crate) fn let_others_run(cx: &mut Context<'_>) {
    let mut yielded = std::pin::pin!(yield_now());
    // It is pending, as intended.
    let _ = yielded.as_mut().poll(cx);
}

thread_local! {
    /// The task that asked last, and its runtime then.
    static ASKED: Cell<Option<(tokio::task::Id, tokio::runtime::Id)>> = const { Cell::new(None) };
}

/// Returns true if this thread works for the runtime behind `handle` now.
///
/// It asks tokio once per task, because the counter of a runtime's handles is shared by all its threads. So the answer
/// may be wrong in a task that drives another runtime itself, until that code looks its system up.
#[inline]
pub(crate) fn is_inside(handle: &Handle) -> bool {
    if let (Some(task), Some((known, runtime))) = (tokio::task::try_id(), ASKED.get())
        && task == known
    {
        return runtime == handle.id();
    }
    current_runtime() == Some(handle.id())
}

/// Returns the runtime this thread works for now.
pub(crate) fn current_runtime() -> Option<tokio::runtime::Id> {
    let runtime = Handle::try_current().ok()?.id();
    if let Some(task) = tokio::task::try_id() {
        ASKED.set(Some((task, runtime)));
    }
    Some(runtime)
}

/// Measures real time, independent of the system's clock.
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[allow(clippy::disallowed_methods, reason = "this is the seam")]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Calls `step` repeatedly on its own thread, with a pause of at least `pause` before each call, until it returns
/// false. For work that must continue while the workers of a runtime are busy.
///
/// # Errors
/// The thread cannot be started.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) fn in_thread(
    name: &str,
    pause: Duration,
    mut step: impl FnMut() -> bool + Send + 'static,
) -> std::io::Result<()> {
    let run = move || {
        loop {
            std::thread::sleep(pause);
            if !step() {
                return;
            }
        }
    };
    std::thread::Builder::new().name(name.into()).spawn(run)?;
    Ok(())
}

/// Returns a sleep of the runtime in which it is created and polled.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) fn sleep_until(at: Instant) -> Pin<Box<tokio::time::Sleep>> {
    Box::pin(tokio::time::sleep_until(at))
}

/// Spends one unit of the task's cooperative budget; pending when it is used up.
pub(crate) use tokio::task::coop::{consume_budget, poll_proceed, unconstrained};
/// Lets the other ready tasks run.
pub(crate) use tokio::task::yield_now;

/// Polls an operation that may be ready at once. Its result spends one unit of the task's cooperative budget, so that a
/// loop of such operations lets other tasks run.
pub(crate) fn poll_cooperatively<T>(
    cx: &mut Context<'_>,
    poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    let coop = ready!(poll_proceed(cx));
    let result = ready!(poll(cx));
    coop.made_progress();
    Poll::Ready(result)
}
