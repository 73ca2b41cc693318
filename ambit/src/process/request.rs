//! How long the caller of the request that is handled on this thread still waits.
//!
//! It is set around a handler, as the current process is, so it does not follow into tasks, timers or other processes:
//! they may outlive the request. What is asked while it is set waits no longer than it says.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::process::world::World;
use crate::process::worlds;
use crate::rt::{self, Instant};
use crate::trace;

/// Until when the caller of a handler that runs in place waits.
#[derive(Clone, Copy, Debug)]
enum Until {
    /// What `DEADLINE` says.
    Noted,
    Never,
    At(Instant),
    /// For so long, from when anybody asks: the handler has just begun.
    Within(Duration),
}

thread_local! {
    /// Of the request that this thread handles in a task: when its caller gives up.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// A process runs here on the stack of whoever called or started it, whose own request does not count then.
    static IN_PLACE: Cell<Option<Until>> = const { Cell::new(None) };
}

/// A request begins, whose caller waits until then.
#[inline]
pub(crate) fn begin(deadline: Option<Instant>) {
    DEADLINE.set(deadline);
}

/// The request that has begun is handled.
#[inline]
pub(crate) fn end() {
    DEADLINE.set(None);
}

/// The request that has begun goes on from poll to poll: gives its deadline.
pub(crate) fn take() -> Option<Instant> {
    DEADLINE.take()
}

/// Whoever waits gives up then, until the guard is dropped.
pub(crate) fn enter(deadline: Option<Instant>) -> Entered {
    let in_place = IN_PLACE.get();
    if in_place.is_some() {
        IN_PLACE.set(Some(Until::Noted));
    }
    Entered {
        deadline: DEADLINE.replace(deadline),
        in_place,
    }
}

/// The same, unless the request that is handled here ends earlier.
pub(crate) fn no_longer_than(at: Instant) -> Entered {
    enter(Some(deadline().map_or(at, |known| known.min(at))))
}

/// What was so before.
pub(crate) struct Entered {
    deadline: Option<Instant>,
    in_place: Option<Until>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        DEADLINE.set(self.deadline);
        IN_PLACE.set(self.in_place);
    }
}

/// Begins a process on the stack of its starter.
pub(crate) fn start_in_place<T>(what: impl FnOnce() -> T) -> T {
    let (_no_request, _no_trace) = (enter(None), trace::enter(None));
    IN_PLACE.set(Some(Until::Noted));
    what()
}

/// Runs a handler on the stack of its caller, who waits for so long.
#[inline]
pub(crate) fn in_place<T>(timeout: Option<Duration>, what: impl FnOnce() -> T) -> T {
    IN_PLACE.set(Some(timeout.map_or(Until::Never, Until::Within)));
    let _leaving = InPlace;
    what()
}

/// There is nothing to come back to: none is run in place on top of another.
struct InPlace;

impl Drop for InPlace {
    #[inline]
    fn drop(&mut self) {
        IN_PLACE.set(None);
    }
}

/// Whether this thread runs a process in place: then none is run on top of it.
#[inline]
pub(crate) fn is_in_place() -> bool {
    IN_PLACE.get().is_some()
}

/// Whether somebody may wait, and not for ever.
#[inline]
pub(crate) fn may_be_bounded() -> bool {
    DEADLINE.get().is_some() || is_in_place()
}

/// When whoever waits gives up.
pub(crate) fn deadline() -> Option<Instant> {
    match IN_PLACE.get() {
        None | Some(Until::Noted) => DEADLINE.get(),
        Some(Until::Never) => None,
        Some(Until::At(at)) => Some(at),
        Some(Until::Within(time)) => {
            let at = rt::after(now(), time);
            IN_PLACE.set(Some(Until::At(at)));
            Some(at)
        }
    }
}

/// What is left of the time, if somebody waits, and not for ever.
pub(crate) fn left() -> Option<Duration> {
    let at = deadline()?;
    Some(at.saturating_duration_since(now()))
}

/// On the clock of whoever handles the request.
fn now() -> Instant {
    worlds::with(World::now).unwrap_or_else(|| rt::now(None))
}

pin_project! {
    /// A future whose calls wait no longer than the caller of the request it was made for; see
    /// [`Context::within_deadline`](crate::Context::within_deadline).
    #[must_use = "a future does nothing until it is awaited or spawned"]
    pub struct WithinDeadline<F> {
        deadline: Option<Instant>,
        #[pin]
        future: F,
    }
}

impl<F> WithinDeadline<F> {
    /// For the request that is handled now.
    pub(crate) fn new(future: F) -> Self {
        let deadline = deadline();
        Self { deadline, future }
    }
}

impl<F: Future> Future for WithinDeadline<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _within = enter(*this.deadline);
        this.future.poll(cx)
    }
}

impl<F> fmt::Debug for WithinDeadline<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithinDeadline").finish_non_exhaustive()
    }
}
