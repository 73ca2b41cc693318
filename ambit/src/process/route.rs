//! Routing: the path of signals between processes.
//!
//! The local case is a look-up in the own process table; the others are the other systems of this program, and added
//! nodes. The layers above this file do not depend on which case applies.

use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::header::{AnyProcess, Notice, ProcessKind, ProcessRef};
use crate::process::relation::{Monitored, Relations};
use crate::process::signal::{self, Cause};
use crate::process::system_inner::SystemInner;
use crate::rt::sync::MutexGuard;
use crate::signal::{Down, MonitorRef};

/// A signal from one process to another, besides messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "remote"),
    allow(unreachable_pub, reason = "other nodes are told")
)]
pub enum Signal {
    /// An exit signal.
    Exit {
        /// The sender.
        from: Pid,
        /// The reason.
        reason: ExitReason,
        /// The origin: sent explicitly, or by the end of a linked process.
        cause: Cause,
    },
    /// The sender has linked itself to the receiver.
    Link {
        /// The sender.
        from: Pid,
    },
    /// The sender has removed the link.
    Unlink {
        /// The sender.
        from: Pid,
    },
    /// The sender requests one `Down`.
    Monitor {
        /// The sender; `Pid::NOBODY` for a waiter outside processes.
        from: Pid,
        /// The reference that the `Down` will carry.
        monitor: MonitorRef,
    },
    /// The sender removes its monitor.
    Demonitor {
        /// The sender.
        from: Pid,
        /// The reference of the monitor.
        monitor: MonitorRef,
    },
    /// The monitored process has ended.
    Down {
        /// The ended process. The signal has no effect unless the monitor is of this process: references are counted,
        /// so another node can guess one.
        from: Pid,
        /// The reference of the monitor.
        monitor: MonitorRef,
        /// Its exit reason.
        reason: ExitReason,
    },
    /// The receiver is asked to stop, in queue order.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only other nodes ask so")
    )]
    Stop {
        /// The sender.
        from: Pid,
        /// The reason.
        reason: ExitReason,
    },
}

/// Another node: delivers signals to its processes, in order.
pub(crate) trait RemoteNode: Send + Sync {
    /// Delivers a signal; `Err` is the reason for a failure that is known at once.
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason>;
}

/// The systems of this program, by node number.
static WORLDS: LazyLock<DashMap<u32, Weak<SystemInner>>> = LazyLock::new(DashMap::new);

pub(crate) fn announce(system: &Arc<SystemInner>) {
    WORLDS.insert(system.node(), Arc::downgrade(system));
}

pub(crate) fn withdraw(node: u32) {
    WORLDS.remove(&node);
}

/// Returns the process of a pid, if it is in this program.
pub(crate) fn find(pid: Pid) -> Option<ProcessRef> {
    let system = WORLDS
        .get(&pid.node())
        .and_then(|system| system.upgrade())?;
    system.table.get(pid)
}

/// Sends `signal`; `Err` is the reason for a failure that is known at once.
#[inline]
pub(crate) fn send(system: &SystemInner, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    if to.node() == system.node() {
        deliver(system, to, signal)
    } else {
        elsewhere(system, to, signal)
    }
}

/// Delivers within one system.
#[inline]
fn deliver(system: &SystemInner, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    match system.table.get(to) {
        Some(process) => accept(&*process, signal),
        None => Err(ExitReason::NoProcess),
    }
}

#[cold]
fn elsewhere(system: &SystemInner, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    if to == Pid::NOBODY {
        return Err(ExitReason::NoProcess);
    }
    if let Some(node) = system.node_of(to) {
        return node.deliver(to, signal);
    }
    match WORLDS.get(&to.node()).and_then(|system| system.upgrade()) {
        Some(system) => deliver(&system, to, signal),
        None => Err(ExitReason::NoConnection),
    }
}

/// Applies a signal to a process of this program.
pub(crate) fn accept(process: &dyn AnyProcess, signal: Signal) -> Result<(), ExitReason> {
    match signal {
        Signal::Exit {
            from,
            reason,
            cause,
        } => signal::receive(process, from, reason, cause),
        Signal::Unlink { from } => drop(process.core().relations.lock().unlink(from)),
        Signal::Demonitor { from, monitor } => {
            process.core().relations.lock().unwatch(from, monitor);
        }
        Signal::Down {
            from,
            monitor,
            reason,
        } => turn_down(process, Some(from), monitor, reason),
        Signal::Stop { reason, .. } => {
            let (_refused, wake) = process.notify(Notice::Stop(reason));
            process.wake(wake);
        }
        Signal::Link { from } => {
            let mut relations = process.core().relations.lock();
            if relations.dead().is_some() {
                return Err(ExitReason::NoProcess);
            }
            relations.link(process.core(), from);
        }
        Signal::Monitor { from, monitor } => {
            let mut relations = process.core().relations.lock();
            if relations.dead().is_some() {
                return Err(ExitReason::NoProcess);
            }
            relations.watch(process.core(), from, monitor);
        }
    }
    Ok(())
}

/// Replaces a monitor by its one `Down`, as decided by this system.
pub(crate) fn down(process: &dyn AnyProcess, monitor: MonitorRef, reason: ExitReason) {
    turn_down(process, None, monitor, reason);
}

/// Replaces a monitor by its one `Down`; with a sender, only a monitor of that process.
fn turn_down(process: &dyn AnyProcess, from: Option<Pid>, monitor: MonitorRef, reason: ExitReason) {
    let mut relations = process.core().relations.lock();
    if let Some(from) = from
        && relations
            .monitors
            .get(&monitor)
            .is_none_or(|monitored| monitored.pid != from)
    {
        return;
    }
    // A process without an inbox takes no `Down` from its queue: it becomes a dead letter at once.
    let monitored = if process.core().kind == ProcessKind::DeafMain {
        relations.take_monitor(monitor)
    } else {
        relations.queue_down(monitor)
    };
    if let Some(Monitored { watched, .. }) = monitored {
        // The lock is held: after `demonitor` has returned, no `Down` is added.
        let down = Down {
            monitor,
            target: watched,
            reason,
        };
        tell(process, relations, Notice::Down(down));
    }
}

/// Queues a system message that was just decided on under the lock of the receiver's relations.
pub(crate) fn tell(process: &dyn AnyProcess, relations: MutexGuard<'_, Relations>, notice: Notice) {
    if process.core().kind == ProcessKind::DeafMain {
        // It becomes a dead letter, and a dead letter listener may inspect this process.
        drop(relations);
        drop(process.notify(notice));
        return;
    }
    let (refused, wake) = process.notify(notice);
    drop(relations);
    process.wake(wake);
    drop(refused);
}

/// Handles the loss of a node: every link and monitor to its processes ends with `NoConnection`. Unrelated processes
/// cost nothing.
pub(crate) fn node_down(system: &SystemInner, node: u32) {
    let related = system.node_index.of(node);
    let mut related: Vec<_> = related
        .into_iter()
        .filter_map(|pid| system.table.get(pid))
        .collect();
    // The index is unordered, and the next actions of the processes must be reproducible with a seed.
    related.sort_by_key(|process| process.core().born);
    for process in related {
        let (links, monitors) = {
            let mut relations = process.core().relations.lock();
            // The monitoring processes on that node are unreachable.
            relations.unwatch_all_of(node);
            let links: Vec<_> = relations.links().filter(|pid| pid.node() == node).collect();
            let monitors: Vec<_> = relations
                .monitors
                .iter()
                .filter(|(_, monitored)| monitored.pid.node() == node)
                .map(|(monitor, _)| *monitor)
                .collect();
            (links, monitors)
        };
        for from in links {
            signal::receive(&*process, from, ExitReason::NoConnection, Cause::Link);
        }
        for monitor in monitors {
            down(&*process, monitor, ExitReason::NoConnection);
        }
    }
}

#[cfg(test)]
mod tests;
