//! The only door to the runtime: time, spawning and wake-ups go through here, so that a simulator can
//! stand in for all of them. `ambit/clippy.toml` forbids the direct ways everywhere else.

use std::cell::Cell;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

#[cfg(feature = "signal")]
pub(crate) mod signals;
pub(crate) mod sync;

pub(crate) use tokio::runtime::Handle;
pub(crate) use tokio::task::AbortHandle;
pub(crate) use tokio::time::Instant;

/// A boxed future, for the few places that are not hot.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// As far ahead as deadlines go; longer delays are cut to it (about 30 years).
pub(crate) const FAR: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The clock of the runtime behind `handle`.
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

/// `now + delay`, never past [`FAR`].
pub(crate) fn after(now: Instant, delay: Duration) -> Instant {
    now + delay.min(FAR)
}

/// Random numbers that their seed determines; [`entropy`] is the only source of seeds.
pub(crate) use fastrand::Rng;

/// A number nobody can foresee.
pub(crate) fn entropy() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A box around `future` in debug builds: what polls it is then compiled once, not again for each future. A test or
/// program with many processes is built in half the time.
#[cfg(debug_assertions)]
pub(crate) fn whole<F>(future: F) -> BoxFuture<'static, F::Output>
where
    F: Future + Send + 'static,
{
    Box::pin(future)
}

/// In release builds, where time and memory count, a future is what it is.
#[cfg(not(debug_assertions))]
pub(crate) fn whole<F: Future>(future: F) -> F {
    future
}

/// Spawns onto the runtime behind `handle`. If that runtime is shutting down the future is dropped at once.
pub(crate) fn spawn<F>(handle: &Handle, future: F) -> AbortHandle
where
    F: Future<Output = ()> + Send + 'static,
{
    handle.spawn(future).abort_handle()
}

/// Has the task polled again when the others have had their turn: a wake-up alone would put it before those that have
/// used up their budget.
pub(crate) fn let_others_run(cx: &mut Context<'_>) {
    let mut yielded = std::pin::pin!(tokio::task::yield_now());
    // It is pending: that is what it is for.
    let _ = yielded.as_mut().poll(cx);
}

thread_local! {
    /// The task that asked last, and the runtime it belongs to: a task has one for life.
    static ASKED: Cell<Option<(tokio::task::Id, tokio::runtime::Id)>> = const { Cell::new(None) };
}

/// Whether this thread works for the runtime behind `handle` now.
#[inline]
pub(crate) fn is_inside(handle: &Handle) -> bool {
    current_runtime() == Some(handle.id())
}

/// The runtime this thread works for now.
#[inline]
pub(crate) fn current_runtime() -> Option<tokio::runtime::Id> {
    let task = tokio::task::try_id();
    if let (Some(task), Some((known, runtime))) = (task, ASKED.get())
        && task == known
    {
        return Some(runtime);
    }
    let runtime = Handle::try_current().ok()?.id();
    if let Some(task) = task {
        ASKED.set(Some((task, runtime)));
    }
    Some(runtime)
}

/// Measures how long something really takes, whatever the clock of the system says.
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

/// Calls `step` again and again on a thread of its own, with a pause of at least `pause` before each, until it says no.
/// For what must go on while the workers of a runtime are busy.
///
/// # Errors
/// There is no thread to be had.
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

/// A sleep of the runtime it is made and polled in.
#[allow(clippy::disallowed_methods, reason = "this is the seam")]
pub(crate) fn sleep_until(at: Instant) -> Pin<Box<tokio::time::Sleep>> {
    Box::pin(tokio::time::sleep_until(at))
}

/// Spends one unit of the task's cooperative budget; pending when it is used up.
pub(crate) use tokio::task::coop::{poll_proceed, unconstrained};
