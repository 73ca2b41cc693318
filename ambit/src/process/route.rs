//! The one way signals go from process to process.
//!
//! The local arm is a look into the own process table; the others are the other systems of this program, and
//! whatever nodes have been added. Nothing above this file knows which arm was taken.

use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::core::{Kind, Notice, Proc, ProcRef};
use crate::process::relation::{Monitored, Relations};
use crate::process::signal::{self, Cause};
use crate::process::world::World;
use crate::rt::sync::MutexGuard;
use crate::signal::{Down, MonitorRef};

/// What one process tells another, besides messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "remote"),
    allow(unreachable_pub, reason = "other nodes are told")
)]
pub enum Signal {
    /// An exit signal.
    Exit {
        /// Whose.
        from: Pid,
        /// Why.
        reason: ExitReason,
        /// Whether somebody sent it, or a linked process ended.
        cause: Cause,
    },
    /// The sender has linked itself to the receiver.
    Link {
        /// Who.
        from: Pid,
    },
    /// The sender has taken the link away.
    Unlink {
        /// Who.
        from: Pid,
    },
    /// The sender wants one `Down`.
    Monitor {
        /// Who; nobody if it is no process that waits.
        from: Pid,
        /// What the `Down` will carry.
        monitor: MonitorRef,
    },
    /// It no longer wants it.
    Demonitor {
        /// Who.
        from: Pid,
        /// Which one.
        monitor: MonitorRef,
    },
    /// The monitored process has ended.
    Down {
        /// Which process that was. The signal has no effect unless the monitor is of this process: references are counted, so
        /// another node can guess one.
        from: Pid,
        /// Which monitor.
        monitor: MonitorRef,
        /// Why it ended.
        reason: ExitReason,
    },
    /// The receiver is asked to stop, when its turn has come.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only other nodes ask so")
    )]
    Stop {
        /// Who asks.
        from: Pid,
        /// Why.
        reason: ExitReason,
    },
}

/// Another node: takes signals for its processes, in order.
pub(crate) trait Node: Send + Sync {
    /// `Err` says why it cannot arrive, where that is known at once.
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason>;
}

/// The systems of this program, by node number.
static WORLDS: LazyLock<DashMap<u32, Weak<World>>> = LazyLock::new(DashMap::new);

pub(crate) fn announce(world: &Arc<World>) {
    WORLDS.insert(world.node(), Arc::downgrade(world));
}

pub(crate) fn withdraw(node: u32) {
    WORLDS.remove(&node);
}

/// The process behind a pid, if it is in this program.
pub(crate) fn find(pid: Pid) -> Option<ProcRef> {
    let world = WORLDS.get(&pid.node()).and_then(|world| world.upgrade())?;
    world.table.get(pid)
}

/// Sends `signal`; `Err` says why it cannot arrive.
#[inline]
pub(crate) fn send(world: &World, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    if to.node() == world.node() {
        deliver(world, to, signal)
    } else {
        elsewhere(world, to, signal)
    }
}

/// Delivers within one system.
#[inline]
fn deliver(world: &World, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    match world.table.get(to) {
        Some(process) => accept(&*process, signal),
        None => Err(ExitReason::NoProcess),
    }
}

#[cold]
fn elsewhere(world: &World, to: Pid, signal: Signal) -> Result<(), ExitReason> {
    if to == Pid::NOBODY {
        return Err(ExitReason::NoProcess);
    }
    if let Some(node) = world.node_of(to) {
        return node.deliver(to, signal);
    }
    match WORLDS.get(&to.node()).and_then(|world| world.upgrade()) {
        Some(world) => deliver(&world, to, signal),
        None => Err(ExitReason::NoConnection),
    }
}

/// Lets a signal act on a process of this program.
pub(crate) fn accept(process: &dyn Proc, signal: Signal) -> Result<(), ExitReason> {
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

/// Turns a monitor into its one `Down`, as this system has decided itself.
pub(crate) fn down(process: &dyn Proc, monitor: MonitorRef, reason: ExitReason) {
    turn_down(process, None, monitor, reason);
}

/// Turns a monitor into its one `Down`; with a sender, only a monitor of that process.
fn turn_down(process: &dyn Proc, from: Option<Pid>, monitor: MonitorRef, reason: ExitReason) {
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
    let monitored = if process.core().kind == Kind::DeafMain {
        relations.take_monitor(monitor)
    } else {
        relations.queue_down(monitor)
    };
    if let Some(Monitored { watched, .. }) = monitored {
        // The lock is held: after `demonitor` has said "none", none is added.
        let down = Down {
            monitor,
            target: watched,
            reason,
        };
        tell(process, relations, Notice::Down(down));
    }
}

/// Queues a system message that the receiver's relations, which are locked, have just decided about.
pub(crate) fn tell(process: &dyn Proc, relations: MutexGuard<'_, Relations>, notice: Notice) {
    if process.core().kind == Kind::DeafMain {
        // It becomes a dead letter, and who listens for those may well look at this process.
        drop(relations);
        drop(process.notify(notice));
        return;
    }
    let (refused, wake) = process.notify(notice);
    drop(relations);
    process.wake(wake);
    drop(refused);
}

/// A node is gone: every link and monitor to its processes ends with `NoConnection`. Processes without one cost nothing.
pub(crate) fn node_down(world: &World, node: u32) {
    let related = world.node_index.of(node);
    let mut related: Vec<_> = related
        .into_iter()
        .filter_map(|pid| world.table.get(pid))
        .collect();
    // The index is in no order, and what the processes do next must repeat with a seed.
    related.sort_by_key(|process| process.core().born);
    for process in related {
        let (links, monitors) = {
            let mut relations = process.core().relations.lock();
            // Processes that monitored from there are out of reach.
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
