//! Timer functions that can be used anywhere, inside and outside a process.

use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::recipient::Recipient;
use crate::handle::target::Target;
use crate::names::local;
use crate::process::current_system;
use crate::process::resolved::Resolved;
use crate::process::system_inner::SystemInner;
use crate::process::timer::{self, Action, TickOutcome, Timer, TimerAction, TimerShared};
use crate::process::{current, link};
use crate::signal::Watched;

/// Sends `message` to `recipient` once, not earlier than `after` from now. The timer ends with the receiving process.
/// If the recipient follows a name, the name is resolved when the timer fires; if no process is registered under it, or
/// the process ends before it takes the message, the message becomes a dead letter. (Erlang: `erlang:send_after/3`.)
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     ambit::send_after(&inbox.recipient(), Duration::from_micros(100), 7);
///     assert_eq!(inbox.recv().await, Some(7));
/// }
/// ```
///
/// [`Timer::cancel`] cancels the timer.
pub fn send_after<T: Send + 'static>(
    recipient: &Recipient<T>,
    after: Duration,
    message: T,
) -> Timer {
    aimed_at(
        recipient,
        after,
        TimerAction::Once,
        recipient.clone().once(message),
    )
}

/// Sends a clone of `message` to `recipient` every `period`, the first after one `period`, until the timer is cancelled
/// or the receiving process ends. After the first tick, a period below 1 ms is raised to 1 ms. If the previous message
/// is still queued, the tick is skipped and counted in [`Timer::skipped`]. If the recipient follows a name, each tick
/// resolves the name, and the interval continues with the next process of that name; a message that no process takes
/// becomes a dead letter. (Erlang: `timer:send_interval/3`.)
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<String>) {
///     let ticks = ambit::send_every(&inbox.recipient(), Duration::from_micros(100), "tick".into());
///     assert_eq!(inbox.recv().await.as_deref(), Some("tick"));
///     assert_eq!(inbox.recv().await.as_deref(), Some("tick"));
///     ticks.cancel();
/// }
/// ```
pub fn send_every<T: Clone + Send + 'static>(
    recipient: &Recipient<T>,
    period: Duration,
    message: T,
) -> Timer {
    aimed_at(
        recipient,
        period,
        TimerAction::Every,
        recipient.clone().each(message),
    )
}

fn aimed_at<T>(
    recipient: &Recipient<T>,
    delay: Duration,
    kind: TimerAction,
    action: Action,
) -> Timer {
    let target = recipient.__resolve();
    let owner = target
        .process
        .as_ref()
        .filter(|_| !recipient.process().follows());
    timer::start(&clock(&target), owner, delay, kind, action)
}

/// Sends an exit signal with `reason` to `target` after `delay`. The sender is the calling process, or
/// [`Pid::NOBODY`](crate::process::Pid::NOBODY) outside a process. If `target` is a local name, or a handle that
/// follows one, the name is resolved when the timer fires; any other target is resolved at the call. The timer does not
/// end with the calling process. (Erlang: `timer:exit_after/3`.)
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
///     ambit::exit_after(Duration::from_millis(5), &idle, ExitReason::Shutdown);
///     assert_eq!(idle.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn exit_after(delay: Duration, target: impl Target, reason: ExitReason) -> Timer {
    let target = target.__resolve();
    let (from, system) = (current::pid(), clock(&target));
    let (mut shot, names) = (Some((target, reason)), system.clone());
    let action = move |_: &Arc<TimerShared>| {
        if let Some((target, reason)) = shot.take() {
            let target = match &target.watched {
                Watched::Name(name) => local::resolve_in(&names, name),
                Watched::Process(_) => target,
            };
            link::send_exit(&target, from, reason);
        }
        TickOutcome::Done
    };
    timer::start(&system, None, delay, TimerAction::Signal, Box::new(action))
}

/// Kills `target` after `delay`, like [`exit_after`] with the reason `Kill`. (Erlang: `timer:kill_after/2`.)
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::kill_after(Duration::from_micros(100), &idle);
///     assert_eq!(idle.closed().await, ExitReason::Killed);
/// }
/// ```
pub fn kill_after(delay: Duration, target: impl Target) -> Timer {
    exit_after(delay, target, ExitReason::Kill)
}

/// The system whose clock counts.
fn clock(target: &Resolved) -> Arc<SystemInner> {
    target.process.as_ref().map_or_else(
        || current_system::current_or_new().unwrap_or_else(SystemInner::nowhere),
        |process| process.core().system.clone(),
    )
}
