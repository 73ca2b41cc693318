//! A deadline on a system's clock that is disarmed when it is dropped.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wheel::Deadline;
use crate::process::current_system;
use crate::process::system_inner::SystemInner;
use crate::rt::sync::Mutex;
use crate::rt::{self, Instant};

pub(crate) struct Clock {
    system: Arc<SystemInner>,
    ticket: Arc<QueueTicket>,
    deadline: Deadline,
}

impl Clock {
    /// Starts a deadline that is due after `time`.
    pub(crate) fn start(system: &Arc<SystemInner>, time: Duration) -> Self {
        Self::until(system, system.after(time), Arc::default())
    }

    /// Starts a deadline that is due at `at`, unless `ticket` is settled before.
    pub(crate) fn until(system: &Arc<SystemInner>, at: Instant, ticket: Arc<QueueTicket>) -> Self {
        let deadline = system.wheel.arm(at, ticket.clone());
        Self {
            system: system.clone(),
            ticket,
            deadline,
        }
    }

    /// Returns when the deadline is due.
    pub(crate) fn at(&self) -> Instant {
        self.deadline.at()
    }

    /// Ready when the deadline is due.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.outcome(cx).map(drop)
    }

    /// Ready when the deadline is due or the ticket is settled; returns which it was.
    pub(crate) fn outcome(&self, cx: &Context<'_>) -> Poll<TicketOutcome> {
        self.ticket.poll(cx)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        drop(self.system.wheel.disarm(self.deadline));
    }
}

/// Returns the result of `poll`, if it is ready within `time`.
pub(crate) async fn within<T>(
    system: &Arc<SystemInner>,
    time: Duration,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    let clock = Clock::start(system, time);
    poll_fn(|cx| match poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => {
            ready!(clock.poll(cx));
            Poll::Ready(ready_now(cx, &mut poll))
        }
    })
    .await
}

/// Polls without the cooperative budget of the task: a value that is ready at a deadline counts, though the task may
/// have used up its budget.
pub(crate) fn ready_now<T>(
    cx: &mut Context<'_>,
    poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    match pin!(rt::unconstrained(poll_fn(poll))).poll(cx) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The clock of an object that is created in one system and may be used in others: the clock of its first system while
/// that runs, then that of the next caller's system, and so on. It continues from the last time that was read, because
/// the clocks of two systems are independent.
pub(crate) struct HomeClock(Mutex<ClockSpan>);

/// The time that one system counts.
struct ClockSpan {
    /// The system; `None` without a runtime.
    system: Option<Weak<SystemInner>>,
    start: Instant,
    /// The time that was counted before.
    before: Duration,
    /// The time that was read last.
    last: Duration,
}

impl HomeClock {
    /// Starts the clock in the current system.
    pub(crate) fn new() -> Self {
        let system = current_system::current_or_new();
        let before = Duration::ZERO;
        Self(Mutex::new(ClockSpan::new(system.as_ref(), before)))
    }

    /// Returns the system to wait in; `None` without a runtime.
    pub(crate) fn system(&self) -> Option<Arc<SystemInner>> {
        let own = self.0.lock().system.as_ref().and_then(Weak::upgrade);
        // Without the lock, because this may drop a system that has ended.
        let own = own.filter(|system| !system.is_down());
        own.or_else(current_system::current_or_new)
    }

    /// Returns the system to wait in, and the moment at which the clock has run for `time`; `None` without a runtime.
    pub(crate) fn at(&self, time: Duration) -> Option<(Arc<SystemInner>, Instant)> {
        let system = self.system()?;
        let mut span = self.0.lock();
        span.follow(Some(&system));
        let at = rt::after(span.start, time.saturating_sub(span.before));
        Some((system, at))
    }

    /// Returns the time since the start. It never goes back.
    pub(crate) fn now(&self) -> Duration {
        let system = self.system();
        let mut span = self.0.lock();
        span.follow(system.as_ref());
        let counted = now_of(system.as_ref()).saturating_duration_since(span.start);
        span.last = span.last.max(span.before + counted);
        span.last
    }
}

impl ClockSpan {
    fn new(system: Option<&Arc<SystemInner>>, before: Duration) -> Self {
        Self {
            system: system.map(Arc::downgrade),
            start: now_of(system),
            before,
            last: before,
        }
    }

    /// Counts the time of `system` from now on, if it is another one.
    fn follow(&mut self, system: Option<&Arc<SystemInner>>) {
        let current = self.system.as_ref().map(Weak::as_ptr);
        if current != system.map(Arc::as_ptr) {
            *self = Self::new(system, self.last);
        }
    }
}

fn now_of(system: Option<&Arc<SystemInner>>) -> Instant {
    match system {
        Some(system) => system.now(),
        None => rt::now(None),
    }
}
