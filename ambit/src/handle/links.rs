//! Links, traps and exit signals of the calling process.

use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::target::Target;
use crate::process::current;
use crate::process::link::{link_to, send_exit, unlink_from};

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
