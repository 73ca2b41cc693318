//! Links, exit trapping and exit signals of the calling process.

use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::target::Target;
use crate::process::current;
use crate::process::link::{link_to, send_exit, unlink_from};

/// Links the calling process to `target`. A second link between the same processes has no effect.
///
/// The inner `Err` is the reason why the link failed: `NoProcess` if `target` has ended or does not exist,
/// `NoConnection` if its node is unreachable. If the calling process traps exits, the inner result is `Ok` instead, and
/// the process receives an [`Exit`](crate::Exit) message with that reason. (Erlang: `link/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// ```
/// assert!(ambit::link(ambit::process::Pid::NOBODY).is_err(), "a plain thread has no links");
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn link(target: impl Target) -> Result<Result<(), ExitReason>, NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    Ok(link_to(&*process, &target.__resolve()))
}

/// Removes the link between the calling process and `target`, if there is one. (Erlang: `unlink/1`.)
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let worker = ambit::spawn_link(|mut inbox: Inbox<u8>| async move {
///         inbox.recv().await;
///         ExitReason::Shutdown
///     });
///     let worker = worker.unwrap();
///     ambit::unlink(&worker).unwrap();
///     worker.send(1).await.unwrap();
///     assert_eq!(worker.closed().await, ExitReason::Shutdown, "and this process runs on");
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn unlink(target: impl Target) -> Result<(), NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    unlink_from(&*process, &target.__resolve());
    Ok(())
}

/// Sets whether the calling process traps exits; off by default. (Erlang: `process_flag(trap_exit, _)`.)
///
/// While trapping is on, an exit signal does not end the process: it arrives as an [`Exit`](crate::Exit) message, in a
/// plain process as an [`InboxEvent::Exit`](crate::process::InboxEvent::Exit). A `Kill` that is sent with [`exit()`]
/// cannot be trapped. A server that traps exits still stops when its parent ends.
///
/// In a server, use [`ctx.trap_exits`](crate::Context::trap_exits), which requires an `#[info]` method for `Exit`.
/// After this function, the exit signals of a server are dead letters, unless it has called `ctx.trap_exits` before.
///
/// # Errors
/// [`NotAProcess`] outside a process.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<()>) {
///     ambit::trap_exits(true).unwrap();
///     let worker = ambit::spawn_link(|_: Inbox<u8>| async { ExitReason::Shutdown }).unwrap();
///     let InboxEvent::Exit(exit) = inbox.next().await else { panic!("only an Exit can come") };
///     assert_eq!(exit.from, worker.pid());
/// }
/// ```
pub fn trap_exits(on: bool) -> Result<(), NotAProcess> {
    let process = current::current().ok_or(NotAProcess)?;
    process.core().relations.lock().trap_exits = on;
    Ok(())
}

/// Sends an exit signal with `reason` to `target`. The sender is the calling process, or
/// [`Pid::NOBODY`](crate::process::Pid::NOBODY) outside a process. (Erlang: `exit/2`.)
///
/// A process that does not trap exits ignores `Normal`, unless it sent the signal to itself. `Kill` cannot be trapped;
/// the process ends with the reason `Killed`. If `target` does not exist, the signal has no effect.
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
