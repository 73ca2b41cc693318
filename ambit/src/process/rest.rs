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
/// So many tasks are looked at in one go, which takes a fraction of a tick; the others follow after it.
const TURN: usize = 1 << 10;
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
    /// Still to be looked at in this round.
    round: Vec<Pid>,
    /// Those of the next round: they were looked at, or have come since.
    next: Vec<Pid>,
    /// The next look is armed.
    armed: bool,
}

impl Tasks {
    /// Takes out what is looked at now; with none left in its round, a new one begins.
    fn take_batch(&mut self) -> Vec<Pid> {
        if self.round.is_empty() {
            self.round = std::mem::take(&mut self.next);
        }
        let rest = self.round.len().saturating_sub(TURN);
        let batch = self.round.split_off(rest);
        if self.round.is_empty() {
            self.round = Vec::new();
        }
        batch
    }

    /// Puts back what goes on. When to look again; `None` if there is nothing to look at.
    fn put_back(&mut self, busy: &[Pid]) -> Option<Duration> {
        self.next.extend(busy);
        let after = match (self.round.is_empty(), self.next.is_empty()) {
            (false, _) => Some(TICK),
            (true, false) => Some(ROUND),
            (true, true) => None,
        };
        self.armed = after.is_some();
        after
    }
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
    tasks.next.push(pid);
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
        let batch = world.rest.tasks.lock().take_batch();
        let is_over = |pid: &Pid| {
            let process = world.table.get(*pid);
            process.is_none_or(|process| process.rest() == Rested::Over)
        };
        let busy: Vec<Pid> = batch.into_iter().filter(|pid| !is_over(pid)).collect();
        let after = world.rest.tasks.lock().put_back(&busy);
        if let Some(after) = after {
            arm(&world, after);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_round_looks_at_each_task_once_in_bounded_batches() {
        let count = 40_000;
        let mut tasks = Tasks::default();
        tasks.next.extend((0..count).map(|n| Pid::new(1, n, 0)));
        let (mut seen, mut after) = (BTreeSet::new(), Some(TICK));
        while after == Some(TICK) {
            let batch = tasks.take_batch();
            assert!(batch.len() <= 1024, "{} in one go", batch.len());
            // What comes meanwhile waits for the next round.
            tasks.next.push(Pid::new(2, seen.len() as u32, 0));
            let fresh = batch.iter().filter(|pid| seen.insert(**pid)).count();
            assert_eq!(fresh, batch.len(), "looked at twice");
            after = tasks.put_back(&batch);
        }
        assert_eq!(after, Some(ROUND));
        assert_eq!(seen.len(), count as usize);
        assert_eq!(tasks.next.len(), seen.len() + seen.len().div_ceil(TURN));
    }

    #[test]
    fn nothing_is_armed_and_no_memory_is_kept_when_all_tasks_are_over() {
        let mut tasks = Tasks::default();
        tasks.next.extend((0..5000).map(|n| Pid::new(1, n, 0)));
        tasks.armed = true;
        while !tasks.take_batch().is_empty() && tasks.put_back(&[]).is_some() {}
        assert!(!tasks.armed);
        assert_eq!(tasks.round.capacity() + tasks.next.capacity(), 0);
    }
}
