//! Lets the tasks of servers end that have had nothing to do for a while: an idle server needs none.
//!
//! A task that has just run is likely to run again, and to make one costs more than to wake one. So each stays until it
//! has been idle through one whole round.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::wheel::Expire;
use crate::pid::Pid;
use crate::process::world::World;
use crate::rt::Instant;

/// How long a round is.
const ROUND: Duration = Duration::from_millis(500);
/// So many tasks are looked at in one go; the others follow after a tick.
const TURN: usize = 1 << 15;
const TICK: Duration = Duration::from_millis(1);

/// Pending once: the task is polled again when it is woken.
pub(crate) async fn for_a_wake_up() {
    let mut polled = false;
    poll_fn(|_| {
        if std::mem::replace(&mut polled, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// What a look at a task says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rested {
    /// It has run since the last look, or somebody else runs its server: one more look.
    Again,
    /// It ends now, or works: then it says itself when it rests.
    Over,
}

/// The tasks of the servers of one system.
#[derive(Default)]
pub(crate) struct Rest {
    tasks: Mutex<Tasks>,
}

#[derive(Default)]
struct Tasks {
    all: Vec<Pid>,
    /// How far the round has come.
    at: usize,
    /// The next look is armed.
    armed: bool,
}

/// The next look.
struct Look(Weak<World>);

impl Rest {
    /// Whether a look is armed: it is no deadline of anybody's.
    #[cfg(feature = "test")]
    pub(crate) fn is_armed(&self) -> bool {
        self.tasks.lock().armed
    }
}

/// Notes that the task of a server rests.
pub(crate) fn watch(world: &Arc<World>, pid: Pid) {
    let mut tasks = world.rest.tasks.lock();
    tasks.all.push(pid);
    if !std::mem::replace(&mut tasks.armed, true) {
        drop(tasks);
        arm(world, ROUND);
    }
}

fn arm(world: &Arc<World>, after: Duration) {
    let look = Arc::new(Look(Arc::downgrade(world)));
    world.wheel.arm(world.after(after), look);
}

impl Expire for Look {
    fn expire(self: Arc<Self>, _now: Instant) {
        let Some(world) = self.0.upgrade() else {
            return;
        };
        let looked_at: Vec<Pid> = {
            let tasks = world.rest.tasks.lock();
            tasks
                .all
                .iter()
                .skip(tasks.at)
                .take(TURN)
                .copied()
                .collect()
        };
        let is_over = |pid: &Pid| {
            let process = world.table.get(*pid);
            process.is_none_or(|process| process.rest() == Rested::Over)
        };
        let busy: Vec<Pid> = looked_at
            .iter()
            .copied()
            .filter(|pid| !is_over(pid))
            .collect();
        let mut tasks = world.rest.tasks.lock();
        let (from, busy_now) = (tasks.at, busy.len());
        tasks.all.splice(from..from + looked_at.len(), busy);
        tasks.at += busy_now;
        let next = if tasks.at < tasks.all.len() {
            TICK
        } else {
            ROUND
        };
        if next == ROUND {
            tasks.at = 0;
        }
        tasks.armed = !tasks.all.is_empty();
        if tasks.armed {
            drop(tasks);
            arm(&world, next);
        } else {
            tasks.all = Vec::new();
        }
    }
}
