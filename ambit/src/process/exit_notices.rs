//! The notices of an exit: their receivers, their order, and their batches.
//!
//! Links get exit signals, monitors their `Down`; the processes it monitored itself forget it; last come the futures
//! that wait for its end. A receiver decides by its own relations whether a notice still applies, so a change between
//! two batches (an unlink, a demonitor) does not affect the remaining notices.

use std::collections::BTreeMap;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::header::ProcessHeader;
use crate::process::node_signal::Cause;
use crate::process::node_signal::Signal;
use crate::process::relation::{Monitored, Relations};
use crate::process::route;
use crate::process::small_set::SmallSet;
use crate::process::system_inner::SystemInner;
use crate::signal::MonitorRef;

/// The remaining notices. The observers stay with the process: a cancelled wait is removed there.
pub(crate) struct ExitNotices {
    links: SmallSet<Pid>,
    parent: Option<Pid>,
    /// The process was asked to stop because its system stops.
    stops_with_system: bool,
    monitors: SmallSet<(Pid, MonitorRef)>,
    monitored: BTreeMap<MonitorRef, Monitored>,
}

impl ExitNotices {
    /// Takes the receivers out of the relations of a process; no links and monitors are added from now on.
    pub(crate) fn take(relations: &mut Relations, links: SmallSet<Pid>) -> Self {
        relations.part_with_all_nodes();
        let (mut monitors, mut monitored) = (SmallSet::NONE, BTreeMap::new());
        if let Some(rare) = relations.rare() {
            monitors = rare.watchers.take();
            monitored = std::mem::take(&mut rare.monitors);
            rare.downs = SmallSet::NONE;
        }
        Self {
            links,
            parent: relations.parent(),
            stops_with_system: relations.stops_with_system,
            monitors,
            monitored,
        }
    }

    /// Returns true if the process ends because its system stops, or because of a process that ended for this.
    fn stops(&self, system: &SystemInner) -> bool {
        self.stops_with_system || system.is_stopping()
    }

    /// Sends the next notice; returns false if none is left.
    pub(crate) fn send_next(&mut self, core: &ProcessHeader, reason: &ExitReason) -> bool {
        let from = core.pid;
        let (to, signal) = if let Some(peer) = self.links.pop_first() {
            let is_left = self.parent == Some(peer) && self.stops(&core.system);
            let reason = match is_left {
                true => reason_for_parent(&core.system, peer, reason),
                false => reason.clone(),
            };
            let cause = Cause::Link;
            (
                peer,
                Signal::Exit {
                    from,
                    reason,
                    cause,
                },
            )
        } else if let Some((watcher, monitor)) = self.monitors.pop_first() {
            let reason = reason.clone();
            (
                watcher,
                Signal::Down {
                    from,
                    monitor,
                    reason,
                },
            )
        } else if let Some((monitor, monitored)) = self.monitored.pop_first() {
            (monitored.pid, Signal::Demonitor { from, monitor })
        } else {
            let (observer, has_more) = core.relations.lock().next_observer();
            if let Some(observer) = observer {
                observer.exited(reason);
            }
            return has_more;
        };
        drop(route::send(&core.system, to, signal));
        true
    }
}

/// Returns the reason for which a process that stops with its system ends for its parent. For a parent on another node
/// it is lost with its node, and has not ended by itself.
pub(crate) fn reason_for_parent(
    system: &SystemInner,
    parent: Pid,
    reason: &ExitReason,
) -> ExitReason {
    match reason {
        ExitReason::Shutdown | ExitReason::Killed if system.node_of(parent).is_some() => {
            ExitReason::NoConnection
        }
        reason => reason.clone(),
    }
}
