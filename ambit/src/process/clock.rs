//! A deadline on a system's clock that is taken back when nobody waits for it any more.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::{Outcome, Ticket};
use crate::engine::wheel::Deadline;
use crate::process::world::World;
use crate::rt::Instant;

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
