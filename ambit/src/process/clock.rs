//! A deadline on a system's clock that is taken back when nobody waits for it any more.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::ticket::Ticket;
use crate::engine::wheel::Deadline;
use crate::process::world::World;

pub(crate) struct Clock {
    world: Arc<World>,
    late: Arc<Ticket>,
    deadline: Deadline,
}

impl Clock {
    /// Runs for `time` from now.
    pub(crate) fn start(world: &Arc<World>, time: Duration) -> Self {
        let late = Arc::new(Ticket::default());
        let deadline = world.wheel.arm(world.after(time), late.clone());
        Self {
            world: world.clone(),
            late,
            deadline,
        }
    }

    /// Ready when the time is up.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.late.poll(cx).map(drop)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        drop(self.world.wheel.disarm(self.deadline));
    }
}
