//! Links: symmetric, at most one per pair.

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::core::{Notice, Proc};
use crate::process::resolved::Resolved;
use crate::process::route;
use crate::process::signal::Cause;
use crate::signal::Exit;

pub(crate) fn send_exit(target: &Resolved, from: Pid, reason: ExitReason) {
    let signal = route::Signal::Exit {
        from,
        reason,
        cause: Cause::Sent,
    };
    match &target.process {
        Some(process) => drop(route::accept(&**process, signal)),
        None => drop(target.send(signal)),
    }
}

pub(crate) fn link_to(process: &dyn Proc, target: &Resolved) -> Result<(), ExitReason> {
    let (own, other) = (process.core().pid, target.pid);
    if own == other {
        return Ok(());
    }
    {
        let mut relations = process.core().relations.lock();
        // It has told its links already: an inbox can outlive its process.
        if relations.dead().is_some() {
            return Err(ExitReason::NoProcess);
        }
        if !relations.link(other) {
            return Ok(());
        }
    }
    let Err(reason) = target.send(route::Signal::Link { from: own }) else {
        return Ok(());
    };
    let mut relations = process.core().relations.lock();
    // If it is gone, the loss of its node has already been told.
    let was_linked = relations.unlink(other);
    if !relations.trap_exits {
        return Err(reason);
    }
    if was_linked {
        let from = other;
        route::tell(process, relations, Notice::Exit(Exit { from, reason }));
    }
    Ok(())
}

pub(crate) fn unlink_from(process: &dyn Proc, target: &Resolved) {
    let own = process.core().pid;
    if process.core().relations.lock().unlink(target.pid) {
        drop(target.send(route::Signal::Unlink { from: own }));
    }
}
