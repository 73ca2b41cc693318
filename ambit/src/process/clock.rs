//! A deadline on a system's clock that is disarmed when it is dropped.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wheel::Deadline;
use crate::process::current_system;
use crate::process::system_inner::SystemInner;
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
        Poll::Pending => clock.poll(cx).map(|()| None),
    })
    .await
}

/// The clock of an object that is created in one system and may be used in others: the clock of its first system while
/// that runs, otherwise that of the caller's system.
pub(crate) struct HomeClock {
    system: Weak<SystemInner>,
    made: Instant,
}

impl HomeClock {
    /// Starts the clock in the current system.
    pub(crate) fn new() -> Self {
        let system = current_system::current_or_new();
        let made = system.as_ref().map_or_else(|| rt::now(None), |w| w.now());
        Self {
            system: system.as_ref().map(Arc::downgrade).unwrap_or_default(),
            made,
        }
    }

    /// Returns the system to wait in; `None` without a runtime.
    pub(crate) fn system(&self) -> Option<Arc<SystemInner>> {
        let own = self.system.upgrade().filter(|system| !system.is_down());
        own.or_else(current_system::current_or_new)
    }

    /// Returns the moment at which the clock has run for `time`.
    pub(crate) fn at(&self, time: Duration) -> Instant {
        rt::after(self.made, time)
    }

    /// Returns the time since the start. It never goes back in one system.
    pub(crate) fn now(&self) -> Duration {
        let now = match self.system() {
            Some(system) => system.now(),
            None => rt::now(None),
        };
        now.saturating_duration_since(self.made)
    }
}
