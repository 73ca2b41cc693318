//! Monitors of processes: one-way, stacking, exactly one `Down` each.

use crate::exit_reason::ExitReason;
use crate::process::header::{AnyProcess, ProcessHeader};
use crate::process::node_signal::Signal;
use crate::process::relation::Monitored;
use crate::process::resolved::Resolved;
use crate::process::route;
use crate::signal::MonitorRef;

pub(crate) fn monitor(process: &dyn AnyProcess, target: &Resolved) -> MonitorRef {
    let core = process.core();
    let monitor = MonitorRef(core.system.next_ref());
    if target.pid == core.pid {
        return monitor;
    }
    let monitored = Monitored {
        pid: target.pid,
        watched: target.watched.clone(),
    };
    {
        let mut relations = core.relations.lock();
        // It would never be removed: an inbox can outlive its process.
        if relations.dead().is_some() {
            return monitor;
        }
        relations.monitor(core.home(), monitor, monitored);
    }
    if let Err(reason) = target.send(Signal::Monitor {
        from: core.pid,
        monitor,
    }) {
        route::down(process, monitor, reason);
    }
    monitor
}

/// Ends a monitor. Returns true if no `Down` is or will be queued; false if one is queued already, or the ref is
/// unknown.
pub(crate) fn demonitor(process: &dyn AnyProcess, monitor: MonitorRef) -> bool {
    let core = process.core();
    let Some(monitored) = core.relations.lock().take_monitor(monitor) else {
        return false;
    };
    let signal = Signal::Demonitor {
        from: core.pid,
        monitor,
    };
    drop::<Result<(), ExitReason>>(route::send(&core.system, monitored.pid, signal));
    true
}

/// Ends a monitor, and voids its `Down` if that is queued and not taken yet; returns whether it was.
pub(crate) fn demonitor_flush(process: &dyn AnyProcess, monitor: MonitorRef) -> bool {
    !demonitor(process, monitor) && take_down(process.core(), monitor)
}

/// Takes a queued `Down`; returns false if it is void.
pub(crate) fn take_down(core: &ProcessHeader, monitor: MonitorRef) -> bool {
    core.relations.lock().take_down(monitor)
}
