//! The deadline of the request that is handled on this thread.
//!
//! It is set around a handler, like the current process, so it does not extend to tasks, timers or other processes:
//! they may outlive the request. Calls made while it is set do not wait longer than it allows.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::process::current_system;
use crate::process::system_inner::SystemInner;
use crate::rt::{self, Instant};
use crate::trace;

/// The time that the caller of an inline handler waits.
#[derive(Clone, Copy, Debug)]
enum CallerDeadline {
    /// Until the value of `DEADLINE`.
    Noted,
    Never,
    At(Instant),
    /// This long from the first read: the handler has just begun.
    Within(Duration),
}

thread_local! {
    /// The deadline of the caller of the request that this thread handles in a task.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Set while a process runs on the stack of its caller or starter, whose own request does not count then.
    static IN_PLACE: Cell<Option<CallerDeadline>> = const { Cell::new(None) };
}

/// Begins a request with the deadline of its caller.
#[inline]
pub(crate) fn begin(deadline: Option<Instant>) {
    DEADLINE.set(deadline);
}

/// Ends the current request.
#[inline]
pub(crate) fn end() {
    DEADLINE.set(None);
}

/// Suspends the current request between polls; returns its deadline.
pub(crate) fn take() -> Option<Instant> {
    DEADLINE.take()
}

/// Sets the deadline until the guard is dropped.
pub(crate) fn enter(deadline: Option<Instant>) -> RequestScope {
    let in_place = IN_PLACE.get();
    if in_place.is_some() {
        IN_PLACE.set(Some(CallerDeadline::Noted));
    }
    RequestScope {
        deadline: DEADLINE.replace(deadline),
        in_place,
    }
}

/// Like `enter`, with the current deadline if that is earlier.
pub(crate) fn no_longer_than(at: Instant) -> RequestScope {
    enter(Some(deadline().map_or(at, |known| known.min(at))))
}

/// Restores the previous state.
pub(crate) struct RequestScope {
    deadline: Option<Instant>,
    in_place: Option<CallerDeadline>,
}

impl Drop for RequestScope {
    fn drop(&mut self) {
        DEADLINE.set(self.deadline);
        IN_PLACE.set(self.in_place);
    }
}

/// Starts a process on the stack of its starter.
pub(crate) fn start_inline<T>(what: impl FnOnce() -> T) -> T {
    let (_no_request, _no_trace) = (enter(None), trace::enter(None));
    IN_PLACE.set(Some(CallerDeadline::Noted));
    what()
}

/// Runs a handler inline on the stack of its caller, which waits this long.
#[inline]
pub(crate) fn in_place<T>(timeout: Option<Duration>, what: impl FnOnce() -> T) -> T {
    IN_PLACE.set(Some(
        timeout.map_or(CallerDeadline::Never, CallerDeadline::Within),
    ));
    let _leaving = InlineScope;
    what()
}

/// Inline runs are not nested, so there is no previous state to restore.
struct InlineScope;

impl Drop for InlineScope {
    #[inline]
    fn drop(&mut self) {
        IN_PLACE.set(None);
    }
}

/// Returns true if this thread runs a process inline: then it runs no other inline on top of it.
#[inline]
pub(crate) fn is_inline() -> bool {
    IN_PLACE.get().is_some()
}

/// Returns true if there may be a deadline.
#[inline]
pub(crate) fn may_be_bounded() -> bool {
    DEADLINE.get().is_some() || is_inline()
}

/// Returns the deadline of the current request.
pub(crate) fn deadline() -> Option<Instant> {
    match IN_PLACE.get() {
        None | Some(CallerDeadline::Noted) => DEADLINE.get(),
        Some(CallerDeadline::Never) => None,
        Some(CallerDeadline::At(at)) => Some(at),
        Some(CallerDeadline::Within(time)) => {
            let at = rt::after(now(), time);
            IN_PLACE.set(Some(CallerDeadline::At(at)));
            Some(at)
        }
    }
}

/// Returns the remaining time, if there is a deadline.
pub(crate) fn left() -> Option<Duration> {
    let at = deadline()?;
    Some(at.saturating_duration_since(now()))
}

/// Returns the time on the clock of the handling process.
fn now() -> Instant {
    current_system::with(SystemInner::now).unwrap_or_else(|| rt::now(None))
}

pin_project! {
    /// A future whose calls inherit the deadline of a request, from
    /// [`Context::within_deadline`](crate::Context::within_deadline): they wait no longer than the caller of the
    /// request that the server was handling when it created the future.
    #[must_use = "a future does nothing until it is awaited or spawned"]
    pub struct WithinDeadline<F> {
        deadline: Option<Instant>,
        #[pin]
        future: F,
    }
}

impl<F> WithinDeadline<F> {
    /// Wraps a future with the deadline of the current request.
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
