//! Links: symmetric, at most one per pair.

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
#[cfg(feature = "remote")]
use crate::process::exit_notices;
use crate::process::header::{AnyProcess, Notice, ProcessHeader};
use crate::process::node_signal::{Cause, Signal};
use crate::process::queued_signals::QueuedSignal;
use crate::process::relation::Relations;
use crate::process::resolved::Resolved;
use crate::process::route;
use crate::process::signal;
use crate::rt::sync::MutexGuard;
use crate::signal::Exit;

pub(crate) fn send_exit(target: &Resolved, from: Pid, reason: ExitReason) {
    let signal = Signal::Exit {
        from,
        reason,
        cause: Cause::Sent,
    };
    match &target.process {
        Some(process) => drop(route::accept(&**process, signal)),
        None => drop(target.send(signal)),
    }
}

pub(crate) fn link_to(process: &dyn AnyProcess, target: &Resolved) -> Result<(), ExitReason> {
    if process.core().pid == target.pid {
        return Ok(());
    }
    match &target.process {
        Some(peer) => link_here(process, &**peer),
        None => link_elsewhere(process, target),
    }
}

/// Locks the relations of two processes of this program in pid order. A change of a link affects both ends in one step,
/// so that a concurrent link from one side and unlink from the other leave both or none.
fn both<'a>(one: &'a ProcessHeader, other: &'a ProcessHeader) -> (Locked<'a>, Locked<'a>) {
    if one.pid < other.pid {
        let first = one.relations.lock();
        (first, other.relations.lock())
    } else {
        let second = other.relations.lock();
        (one.relations.lock(), second)
    }
}

type Locked<'a> = MutexGuard<'a, Relations>;

fn link_here(process: &dyn AnyProcess, peer: &dyn AnyProcess) -> Result<(), ExitReason> {
    let (own, other) = (process.core().pid, peer.core().pid);
    let (mut relations, mut of_peer) = both(process.core(), peer.core());
    // It has already notified its links: an inbox can outlive its process.
    if relations.dead().is_some() {
        return Err(ExitReason::NoProcess);
    }
    if relations.is_linked(other) {
        return Ok(());
    }
    if of_peer.dead().is_none() {
        relations.link(process.core().home(), other);
        of_peer.link(peer.core().home(), own);
        return Ok(());
    }
    drop(of_peer);
    refused(process, relations, other, ExitReason::NoProcess)
}

/// Reports a failed link: an exit message for a process that traps exits, otherwise an error.
fn refused(
    process: &dyn AnyProcess,
    relations: Locked<'_>,
    from: Pid,
    reason: ExitReason,
) -> Result<(), ExitReason> {
    if !relations.trap_exits {
        return Err(reason);
    }
    let exit = QueuedSignal::uncounted(Exit { from, reason });
    signal::tell(process, relations, Notice::Exit(exit));
    Ok(())
}

/// Links to a process of another node, which is notified by a signal.
fn link_elsewhere(process: &dyn AnyProcess, target: &Resolved) -> Result<(), ExitReason> {
    let (own, other) = (process.core().pid, target.pid);
    {
        let mut relations = process.core().relations.lock();
        // It has already notified its links: an inbox can outlive its process.
        if relations.dead().is_some() {
            return Err(ExitReason::NoProcess);
        }
        if !relations.link(process.core().home(), other) {
            return Ok(());
        }
    }
    let Err(reason) = target.send(Signal::Link { from: own }) else {
        return Ok(());
    };
    let mut relations = process.core().relations.lock();
    // If the link is gone, the loss of its node has already been reported.
    if !relations.unlink(other) && relations.trap_exits {
        return Ok(());
    }
    refused(process, relations, other, reason)
}

pub(crate) fn unlink_from(process: &dyn AnyProcess, target: &Resolved) {
    let own = process.core().pid;
    if own == target.pid {
        return;
    }
    if let Some(peer) = &target.process {
        part(process, &**peer);
    } else if process.core().relations.lock().unlink(target.pid) {
        drop(target.send(Signal::Unlink { from: own }));
    }
}

/// Removes the link of two processes of this program on both ends.
fn part(process: &dyn AnyProcess, peer: &dyn AnyProcess) {
    let (own, other) = (process.core().pid, peer.core().pid);
    let (mut relations, mut of_peer) = both(process.core(), peer.core());
    relations.unlink(other);
    of_peer.unlink(own);
}

/// Removes the link of a child to its parent, which is not notified of the end of the child any more.
pub(crate) fn part_from_parent(child: &dyn AnyProcess) {
    let parent = child.core().relations.lock().parent();
    if let Some(parent) = parent.and_then(route::find) {
        part(child, &*parent);
    }
}

/// Links a child that cannot run yet to its parent, whose exit it obeys.
pub(crate) fn link_child(parent: &dyn AnyProcess, child: &dyn AnyProcess) {
    let (own, other) = (parent.core().pid, child.core().pid);
    let (mut relations, mut of_child) = both(parent.core(), child.core());
    of_child.link(child.core().home(), own);
    of_child.obey(own);
    let is_orphan = relations.dead().is_some();
    if !is_orphan {
        relations.link(parent.core().home(), other);
    }
    drop((relations, of_child));
    if is_orphan {
        // The parent has already taken its receivers: an inbox can outlive its process.
        signal::receive(child, own, ExitReason::NoProcess, Cause::Link);
    }
}

/// Links a running child to its parent, whose exit it obeys. The parent may be on another node. If the child has ended,
/// the parent gets its exit reason.
#[cfg(feature = "remote")]
pub(crate) fn link_running_child(child: &dyn AnyProcess, parent: Pid) {
    let core = child.core();
    {
        let mut relations = core.relations.lock();
        if relations.dead().is_none() {
            relations.link(core.home(), parent);
            relations.obey(parent);
        }
    }
    let from = core.pid;
    if let Err(reason) = route::send(&core.system, parent, Signal::Link { from }) {
        return signal::receive(child, parent, reason, Cause::Link);
    }
    // A child that ended before the parent had the link sends its reason again. A parent without the link ignores it.
    let ended = {
        let relations = core.relations.lock();
        let reason = relations.dead().cloned();
        let stops = relations.stops_with_system || core.system.is_stopping();
        reason.map(|reason| (reason, stops))
    };
    if let Some((mut reason, stops)) = ended {
        if stops {
            reason = exit_notices::reason_for_parent(&core.system, parent, &reason);
        }
        let cause = Cause::Link;
        let exit = Signal::Exit {
            from,
            reason,
            cause,
        };
        drop(route::send(&core.system, parent, exit));
    }
}

/// Removes the link to `peer` if that traps exits, so that it gets no message about the end of `own`.
pub(crate) fn part_unseen(own: Pid, peer: Pid) {
    let (Some(process), Some(peer)) = (route::find(own), route::find(peer)) else {
        return;
    };
    let (mut relations, mut of_peer) = both(process.core(), peer.core());
    if of_peer.trap_exits {
        relations.unlink(peer.core().pid);
        of_peer.unlink(own);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;
    use crate::plain::create;
    use crate::process::exit_path;
    use crate::process::header::ProcessRef;
    use crate::system::System;
    use crate::test_rng::TestRng;

    #[tokio::test]
    async fn a_child_that_is_linked_while_its_parent_ends_ends_with_it() {
        let (system, mut rng) = (System::current().unwrap().inner, TestRng::new(17));
        for round in 0..3_000 {
            let process = || create::make_side::<u8>(system.clone(), None);
            let (parent, child): (ProcessRef, _) = (process(), process());
            let (barrier, rolled) = (Barrier::new(3), rng.next_u64());
            let spin = |times: u64| (0..times).for_each(|_| std::hint::spin_loop());
            let over = AtomicBool::new(false);
            thread::scope(|scope| {
                scope.spawn(|| {
                    barrier.wait();
                    spin(rolled & 0x3f);
                    exit_path::finish(&parent, ExitReason::Shutdown);
                });
                // A third thread locks the child repeatedly, so that the others wait for it.
                scope.spawn(|| {
                    barrier.wait();
                    while !over.load(Ordering::Relaxed) {
                        let relations = child.core().relations.lock();
                        spin(rolled >> 8 & 0x7f);
                        drop(relations);
                    }
                });
                barrier.wait();
                spin(rolled >> 16 & 0x3f);
                link_child(&*parent, &*child);
                over.store(true, Ordering::Relaxed);
            });
            let mut fatal = None;
            child.check_control(&mut |control| fatal = control.fatal.clone());
            assert!(
                fatal.is_some(),
                "round {round}: the child has lost its parent unseen"
            );
            assert_eq!(
                child.core().relations.lock().links().count(),
                0,
                "round {round}"
            );
            exit_path::finish(&(child as ProcessRef), ExitReason::Shutdown);
        }
    }
}
