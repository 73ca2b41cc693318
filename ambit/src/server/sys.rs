//! Requests that every process serves without user code. (Erlang: the `sys` module.)

use std::any::Any;

use crate::engine::reply::{self, ReplyTo};
use crate::error::CallError;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::handle::pending::Pending;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::process::control_lane::{Ask, ControlLane};
use crate::process::current;
use crate::process::header::ProcessRef;
use crate::process::resolved::Resolved;
use crate::server::gen_server::GenServer;

/// Suspends a process: after this returns, the process handles no message until [`resume`] is called. It still serves
/// control requests, and signals that end the process still take effect. (Erlang: `sys:suspend/1`.)
///
/// # Errors
/// - `NoProcess` if `target` does not exist or is ending.
/// - `Exited` if the process ended before it served the request.
/// - `CallsItself` if `target` is the calling process.
/// - `Cycle` if `target` waits for the calling process.
/// - `Timeout` after 5 s: a handler is still running. The process is suspended as soon as that handler finishes.
/// - `Unsendable` for a process on another node: call this function on that node instead.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. The first poll sends the request, and the process is
/// suspended even if the future is dropped later.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[cast] fn add(&mut self) { self.0 += 1 } #[call] fn get(&self) -> u64 { self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(0).start().await.unwrap();
///     ambit::sys::suspend(&counter).await.unwrap();
///     counter.add().await.unwrap();
///     ambit::sys::resume(&counter).await.unwrap();
///     assert_eq!(counter.get().await, Ok(1));
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub async fn suspend(target: impl Target) -> Result<(), CallError> {
    set_suspended(target.__resolve(), true).await
}

/// Resumes a suspended process, which then handles the messages that were queued meanwhile, in order. Has no effect on
/// a process that is not suspended. (Erlang: `sys:resume/1`.)
///
/// # Errors
/// The errors of [`suspend`]; after `Timeout`, the process is still resumed as soon as it serves the request.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. The first poll sends the request, and the process is
/// resumed even if the future is dropped later.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(7).start().await.unwrap();
///     ambit::sys::suspend(&counter).await.unwrap();
///     let answer = counter.get().now().unwrap();
///     ambit::sys::resume(&counter).await.unwrap();
///     assert_eq!(answer.await, Ok(7));
/// }
/// ```
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub async fn resume(target: impl Target) -> Result<(), CallError> {
    set_suspended(target.__resolve(), false).await
}

/// Returns a clone of the state of a server, taken between two messages; also works on a suspended server. (Erlang:
/// `sys:get_state/1`.)
///
/// # Errors
/// - The errors of [`suspend`], including `Timeout` after 5 s; the server is never suspended or changed.
/// - `WrongType` if the process is not a server of type `S`.
/// - `NoReply` if the `Clone` of `S` panicked.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// ```
/// use ambit::prelude::*;
/// #[derive(Clone)]
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(7).start().await.unwrap();
///     let state = ambit::sys::state_of::<Counter>(&counter).await.unwrap();
///     assert_eq!(state.0, 7);
/// }
/// ```
pub async fn state_of<S: GenServer + Clone>(
    subject: &impl AsRef<Subject<S::Protocol>>,
) -> Result<S, CallError> {
    let process = subject.as_ref().current();
    let clone = |state: Option<&mut dyn Any>| state?.downcast_ref::<S>().cloned();
    ask(process, clone).await?.ok_or(CallError::WrongType)
}

/// Replaces the state of a server with the result of `replace`, between two messages. If `replace` panics, the state is
/// unchanged. (Erlang: `sys:replace_state/2`.)
///
/// # Errors
/// - The errors of [`state_of`]. After `Timeout`, the state is still replaced when the running handler finishes.
/// - `NoReply` if `replace` panicked.
///
/// # Cancel safety
/// Dropping the future before the first poll sends nothing. The first poll sends the request, and the state is replaced
/// even if the future is dropped later.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter(7).start().await.unwrap();
///     ambit::sys::replace_state(&counter, |old: &Counter| Counter(old.0 * 2)).await.unwrap();
///     assert_eq!(counter.get().await, Ok(14));
/// }
/// ```
pub async fn replace_state<S: GenServer>(
    subject: &impl AsRef<Subject<S::Protocol>>,
    replace: impl FnOnce(&S) -> S + Send + 'static,
) -> Result<(), CallError> {
    let process = subject.as_ref().current();
    let swap = move |state: Option<&mut dyn Any>| {
        let state = state?.downcast_mut::<S>()?;
        *state = replace(state);
        Some(())
    };
    ask(process, swap).await?.ok_or(CallError::WrongType)
}

async fn set_suspended(target: Resolved, suspended: bool) -> Result<(), CallError> {
    let process = target.known().cloned();
    ask_with(process, |_| (), |control| control.suspended = suspended).await
}

/// Lets the process run `what` on its state, if it has one.
fn ask<R: Send + 'static>(
    process: Option<ProcessRef>,
    what: impl FnOnce(Option<&mut dyn Any>) -> R + Send + 'static,
) -> Pending<R> {
    ask_with(process, what, |_| ())
}

/// Like `ask`, with a change that takes effect at once: in one step, so that the process answers before its next
/// message, which may be its last.
fn ask_with<R: Send + 'static>(
    process: Option<ProcessRef>,
    what: impl FnOnce(Option<&mut dyn Any>) -> R + Send + 'static,
    change: impl Fn(&mut ControlLane),
) -> Pending<R> {
    let process = match reachable(process) {
        Ok(process) => process,
        Err(error) => return Pending::failed(error),
    };
    let core = process.core();
    let (port, asked): (ReplyTo<R>, _) = reply::question();
    let deadline = Some(core.system.after(DEFAULT_TIMEOUT));
    asked.sent_to(core.as_server(), deadline);
    let mut request: Option<Ask> = Some(Box::new(move |state| {
        port.send(what(state));
    }));
    process.control(&mut |control| {
        change(control);
        control.asks.extend(request.take());
    });
    Pending::waiting(process.clone(), asked, deadline)
}

/// Returns the process if it can serve a request.
fn reachable(process: Option<ProcessRef>) -> Result<ProcessRef, CallError> {
    let process = process.ok_or(CallError::NoProcess)?;
    let core = process.core();
    if current::pid() == core.pid {
        return Err(CallError::CallsItself);
    }
    if core.is_remote() {
        let why = "the process runs on another node: call a function that is exposed on that node"
            .to_owned();
        return Err(CallError::Unsendable { why });
    }
    if !core.is_alive() {
        return Err(CallError::NoProcess);
    }
    Ok(process)
}
