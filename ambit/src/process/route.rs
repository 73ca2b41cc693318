//! Routing: the path of signals between processes.
//!
//! The local case is a look-up in the own process table; the others are the other systems of this program, and added
//! nodes. The layers above this file do not depend on which case applies.

use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;

use crate::engine::reply::ServerRef;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::header::{AnyProcess, Notice, ProcessHeader, ProcessKind, ProcessRef};
use crate::process::node_signal::{Cause, Signal};
use crate::process::queued_signals::{QueuedSignal, QueuedSignals};
use crate::process::relation::Monitored;
use crate::process::signal::{self, tell};
use crate::process::system_inner::SystemInner;
use crate::signal::{Down, MonitorRef};

/// The systems of this program, by node number.
static SYSTEMS: LazyLock<DashMap<u64, Weak<SystemInner>>> = LazyLock::new(DashMap::new);

pub(crate) fn announce(system: &Arc<SystemInner>) {
    SYSTEMS.insert(system.node(), Arc::downgrade(system));
}

pub(crate) fn withdraw(node: u64) {
    SYSTEMS.remove(&node);
}

/// Returns the process of a pid, if it is in this program.
pub(crate) fn find(pid: Pid) -> Option<ProcessRef> {
    let system = SYSTEMS
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

/// Applies a signal of another node to a process of this system. It counts in `queued` while it waits in a mailbox.
#[cfg(feature = "remote")]
pub(crate) fn receive(
    system: &SystemInner,
    to: Pid,
    signal: Signal,
    queued: &QueuedSignals,
) -> Result<(), ExitReason> {
    match system.table.get(to) {
        Some(process) if to.node() == system.node() => apply(&*process, signal, Some(queued)),
        _ => Err(ExitReason::NoProcess),
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
    match SYSTEMS.get(&to.node()).and_then(|system| system.upgrade()) {
        Some(system) => deliver(&system, to, signal),
        None => Err(ExitReason::NoConnection),
    }
}

/// Applies a signal to a process of this program.
pub(crate) fn accept(process: &dyn AnyProcess, signal: Signal) -> Result<(), ExitReason> {
    apply(process, signal, None)
}

fn apply(
    process: &dyn AnyProcess,
    signal: Signal,
    queued: Option<&QueuedSignals>,
) -> Result<(), ExitReason> {
    match signal {
        Signal::Exit {
            from,
            reason,
            cause,
        } => signal::receive_counted(process, from, reason, cause, queued),
        Signal::ExitAhead {
            from,
            reason,
            cause,
        } => signal::receive_ahead(process, from, reason, cause),
        Signal::Unlink { from } => drop(process.core().relations.lock().unlink(from)),
        Signal::Demonitor { from, monitor } => {
            process.core().relations.lock().unwatch(from, monitor);
        }
        Signal::Down {
            from,
            monitor,
            reason,
        } => deliver_down(process, Some(from), monitor, reason),
        Signal::Stop { reason, .. } => {
            let count = QueuedSignal::count(&reason, queued);
            let (_refused, wake) = process.notify(Notice::Stop(count.with(reason)));
            process.wake(wake);
        }
        Signal::Link { from } => {
            let mut relations = process.core().relations.lock();
            if relations.dead().is_some() {
                return Err(ExitReason::NoProcess);
            }
            relations.link(process.core().home(), from);
        }
        Signal::Monitor { from, monitor } => {
            let mut relations = process.core().relations.lock();
            if relations.dead().is_some() {
                return Err(ExitReason::NoProcess);
            }
            relations.watch(process.core().home(), from, monitor);
        }
    }
    Ok(())
}

/// Replaces a monitor by its one `Down`, as decided by this system.
pub(crate) fn down(process: &dyn AnyProcess, monitor: MonitorRef, reason: ExitReason) {
    deliver_down(process, None, monitor, reason);
}

/// Replaces a monitor by its one `Down`; with a sender, only a monitor of that process.
fn deliver_down(
    process: &dyn AnyProcess,
    from: Option<Pid>,
    monitor: MonitorRef,
    reason: ExitReason,
) {
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

/// Handles the loss of a node: every link and monitor to its processes ends with `NoConnection`. Unrelated processes
/// cost nothing. The exits count in `queued`.
pub(crate) fn node_down(system: &SystemInner, node: u64, queued: Option<&QueuedSignals>) {
    let related = system.relations_by_node.of(node);
    let mut related: Vec<_> = related
        .into_iter()
        .filter_map(|pid| system.table.get(pid))
        .collect();
    // The index is unordered, and the next actions of the processes must be reproducible with a seed.
    related.sort_by_key(|process| process.core().start_number);
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
            let (reason, cause) = (ExitReason::NoConnection, Cause::Link);
            signal::receive_counted(&*process, from, reason, cause, queued);
        }
        for monitor in monitors {
            down(&*process, monitor, ExitReason::NoConnection);
        }
    }
}

impl ProcessHeader {
    /// Returns a reference to this process for questions.
    #[inline]
    pub(crate) fn as_server(&self) -> ServerRef {
        ServerRef::new(self.pid, |pid| {
            let process = find(pid)?;
            Some(process)
        })
    }
}

#[cfg(test)]
mod tests;
