//! A deadline on a system's clock that is taken back when nobody waits for it any more.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::{Outcome, Ticket};
use crate::engine::wheel::Deadline;
use crate::process::world::World;
use crate::process::worlds;
use crate::rt::{self, Instant};

pub(crate) struct Clock {
    world: Arc<World>,
    ticket: Arc<Ticket>,
    deadline: Deadline,
}

impl Clock {
    /// Runs for `time` from now.
    pub(crate) fn start(world: &Arc<World>, time: Duration) -> Self {
        Self::until(world, world.after(time), Arc::default())
    }

    /// Runs until `at`, unless something else settles `ticket` before.
    pub(crate) fn until(world: &Arc<World>, at: Instant, ticket: Arc<Ticket>) -> Self {
        let deadline = world.wheel.arm(at, ticket.clone());
        Self {
            world: world.clone(),
            ticket,
            deadline,
        }
    }

    /// When the time is up.
    pub(crate) fn at(&self) -> Instant {
        self.deadline.at()
    }

    /// Ready when the time is up.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.outcome(cx).map(drop)
    }

    /// Ready when the time is up or the ticket is settled, with which of them it was.
    pub(crate) fn outcome(&self, cx: &Context<'_>) -> Poll<Outcome> {
        self.ticket.poll(cx)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        drop(self.world.wheel.disarm(self.deadline));
    }
}

/// What `poll` gives, if it does within `time`.
pub(crate) async fn within<T>(
    world: &Arc<World>,
    time: Duration,
    mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Option<T> {
    let clock = Clock::start(world, time);
    poll_fn(|cx| match poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => clock.poll(cx).map(|()| None),
    })
    .await
}

/// The clock of what is made in one place and used in others: that of the system it was made in, while there is one;
/// else that of whoever uses it.
pub(crate) struct HomeClock {
    world: Weak<World>,
    made: Instant,
}

impl HomeClock {
    /// Begins here and now.
    pub(crate) fn new() -> Self {
        let world = worlds::current_or_new();
        let made = world.as_ref().map_or_else(|| rt::now(None), |w| w.now());
        Self {
            world: world.as_ref().map(Arc::downgrade).unwrap_or_default(),
            made,
        }
    }

    /// The system to wait in; none where there is no runtime.
    pub(crate) fn world(&self) -> Option<Arc<World>> {
        let own = self.world.upgrade().filter(|world| !world.is_down());
        own.or_else(worlds::current_or_new)
    }

    /// When it has run for so long.
    pub(crate) fn at(&self, time: Duration) -> Instant {
        rt::after(self.made, time)
    }

    /// How long ago it began. It never goes back for one system.
    pub(crate) fn now(&self) -> Duration {
        let now = match self.world() {
            Some(world) => world.now(),
            None => rt::now(None),
        };
        now.saturating_duration_since(self.made)
    }
}
