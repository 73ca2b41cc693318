//! Links: symmetric, at most one per pair.

use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::target::{Resolved, Target};
use crate::pid::Pid;
use crate::process::core::{Notice, Proc};
use crate::process::signal::Cause;
use crate::process::{current, route};
use crate::signal::Exit;

/// Links the calling process to `target`; a second link between the same two does nothing.
///
/// The inner error is why the link is impossible (`NoProcess`, `NoConnection`); a process that traps exits gets an
/// [`Exit`](crate::Exit) message instead. (Erlang: `link/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// ```
/// assert!(ambit::link(ambit::Pid::NOBODY).is_err(), "a plain thread has no links");
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn link(target: impl Target) -> Result<Result<(), ExitReason>, NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    Ok(link_to(&*process, &target.__resolve()))
}

/// Removes the link between the calling process and `target`; does nothing where there is none. (Erlang: `unlink/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn unlink(target: impl Target) -> Result<(), NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    unlink_from(&*process, &target.__resolve());
    Ok(())
}

/// Makes exit signals reach the calling process as messages, or no longer. (Erlang: `process_flag(trap_exit, _)`.)
///
/// In a server prefer `ctx.trap_exits`, which makes sure that the server has an `#[info]` for `Exit`.
///
/// # Errors
/// [`NotAProcess`] outside a process.
pub fn trap_exits(on: bool) -> Result<(), NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    process.core().relations.lock().trap_exits = on;
    Ok(())
}

/// Sends an exit signal to `target`, as the calling process if there is one. (Erlang: `exit/2`.)
///
/// `Normal` is ignored by a process that does not trap exits, unless it sends it to itself; `Kill` cannot be
/// trapped and is seen by others as `Killed`. A signal to nobody does nothing.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     ambit::exit(&idle, ExitReason::Kill);
///     assert_eq!(idle.closed().await, ExitReason::Killed);
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn exit(target: impl Target, reason: ExitReason) {
    send_exit(&target.__resolve(), current::pid(), reason);
}

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
        if relations.dead.is_some() {
            return Err(ExitReason::NoProcess);
        }
        if !relations.links.insert(other) {
            return Ok(());
        }
    }
    let Err(reason) = target.send(route::Signal::Link { from: own }) else {
        return Ok(());
    };
    let mut relations = process.core().relations.lock();
    // If it is gone, the loss of its node has already been told.
    let was_linked = relations.links.remove(&other);
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
    if process.core().relations.lock().links.remove(&target.pid) {
        drop(target.send(route::Signal::Unlink { from: own }));
    }
}
