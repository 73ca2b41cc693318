//! Ends the tasks of servers that have been idle for a while: an idle server needs no task.
//!
//! A task that has just run is likely to run again, and spawning one costs more than waking one. So a task stays until
//! its server has been idle for one whole round.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;
use std::time::Duration;

use crate::engine::wheel::Expire;
use crate::pid::Pid;
use crate::process::idle_tasks::{ROUND, ReapOutcome};
use crate::process::system_inner::SystemInner;
use crate::rt::Instant;

/// Pending once: ready when the task is woken.
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

/// The next check.
struct NextCheck(Weak<SystemInner>);

/// Records that the task of a server is idle.
pub(crate) fn watch(system: &Arc<SystemInner>, pid: Pid) {
    let mut tasks = system.rest.tasks.lock();
    tasks.next.push(pid);
    if !std::mem::replace(&mut tasks.armed, true) {
        drop(tasks);
        arm(system, ROUND);
    }
}

fn arm(system: &Arc<SystemInner>, after: Duration) {
    let look = Arc::new(NextCheck(Arc::downgrade(system)));
    system.wheel.arm(system.after(after), look);
}

impl Expire for NextCheck {
    fn expire(self: Arc<Self>, _now: Instant) {
        let Some(system) = self.0.upgrade() else {
            return;
        };
        let batch = system.rest.tasks.lock().take_batch();
        let is_over = |pid: &Pid| {
            let process = system.table.get(*pid);
            process.is_none_or(|process| process.reap() == ReapOutcome::Over)
        };
        let busy: Vec<Pid> = batch.into_iter().filter(|pid| !is_over(pid)).collect();
        let after = system.rest.tasks.lock().put_back(&busy);
        if let Some(after) = after {
            arm(&system, after);
        }
    }
}
