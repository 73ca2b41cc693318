//! The relations between a task and the process that spawned it: ownership, a link, and the chain of callers.

use crate::error::NotAProcess;
use crate::handle::links;
use crate::pid::Pid;
use crate::process::exit_path::GENERATIONS;
use crate::process::header::ProcessRef;
use crate::process::node_signal::Cause;
use crate::process::resolved::Resolved;
use crate::process::signal;
use crate::process::{current, exit_hook, link, route};

/// The ownership of a task and its link to the owner, made before the task can run.
pub(super) struct OwnerLink {
    owner: Option<ProcessRef>,
    callers: Vec<Pid>,
    linked: bool,
}

impl OwnerLink {
    /// Makes the calling process the owner of the task, if there is one.
    pub(super) fn here(linked: bool) -> Self {
        let owner = current::current();
        let own = owner.iter().map(|owner| owner.core().pid);
        Self {
            callers: own.chain(callers()).take(GENERATIONS).collect(),
            owner,
            linked,
        }
    }

    pub(super) fn owner(&self) -> Option<Pid> {
        self.owner.as_ref().map(|owner| owner.core().pid)
    }

    pub(super) fn tie(self, task: &ProcessRef) {
        let Some(owner) = self.owner else { return };
        task.core().relations.lock().make_rare().callers = Some(self.callers.into());
        if !self.linked {
            return;
        }
        let pid = owner.core().pid;
        if let Err(reason) = link::link_to(&**task, &Resolved::process(owner)) {
            // The owner has already notified its links.
            return signal::receive(&**task, pid, reason, Cause::Sent);
        }
        // An owner that traps exits sees the end of its task when it awaits it, and only then.
        let unseen = exit_hook::once(move |own| link::part_unseen(own, pid));
        drop(task.core().relations.lock().on_exit(unseen));
    }
}

/// Removes the link between a task and its owner.
pub(super) fn part(task: &ProcessRef, owner: Option<Pid>) {
    if let Some(owner) = owner.and_then(route::find) {
        link::unlink_from(&*owner, &Resolved::process(task.clone()));
    }
}

/// Returns the pids of the chain of callers, nearest first: the process that spawned the calling task, then, if that
/// process is a task too, the process that spawned it, and so on. The list has at most 16 entries, because the chain
/// can grow without bound. It is empty outside a process, and in a process that is not a [`Task`](crate::Task).
/// (Elixir: `$callers`.)
///
/// For a task that was spawned through a [`TaskSupervisor`](crate::TaskSupervisor), the chain contains the process that
/// spawned the task, not the supervisor.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let main = ambit::self_pid().unwrap();
///     let outer = Task::spawn(async {
///         let inner = Task::spawn(async { task::callers() });
///         inner.await.unwrap()
///     });
///     let pid = outer.pid();
///     assert_eq!(outer.await.unwrap(), [pid, main]);
/// }
/// ```
#[must_use]
pub fn callers() -> Vec<Pid> {
    let Some(own) = current::current() else {
        return Vec::new();
    };
    let callers = own.core().relations.lock().callers.clone();
    callers.map(Vec::from).unwrap_or_default()
}

/// Sets whether the calling task traps exits. An exit signal does not end a task that traps exits, so its work is not
/// interrupted. Off by default. A kill cannot be trapped.
///
/// A [`shutdown`](crate::Task::shutdown) of a task that traps exits waits for its time and then kills the task. The
/// task is not notified when a linked process ends, including its owner, so it should end by itself. (Erlang:
/// `process_flag(trap_exit, _)`.)
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// ```
/// use std::time::Duration;
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let (begun, has_begun) = tokio::sync::oneshot::channel();
///     let task = Task::spawn(async {
///         task::trap_exits(true).unwrap();
///         begun.send(()).unwrap();
///         tokio::time::sleep(Duration::from_millis(5)).await;
///         "written"
///     });
///     has_begun.await.unwrap();
///     assert_eq!(task.shutdown(Duration::from_secs(5)).await, Ok(Some("written")));
/// }
/// ```
pub fn trap_exits(on: bool) -> Result<(), NotAProcess> {
    links::trap_exits(on)
}
