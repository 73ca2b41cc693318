//! The task of a server: init, its messages while there are any, terminate.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{self, Poll};

use crate::engine::mailbox::QueueEntry;
use crate::engine::run_cell::task::WakeReason;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::cell::RunnerState;
use crate::process::clock::Clock;
use crate::process::guard::{self, Interrupt, guard_dyn};
use crate::process::header::{AnyProcess, ProcessHeader};
use crate::process::system_message::SystemMessage;
use crate::process::terminating::{TERMINATE, Terminating};
use crate::process::{current_request, measure, reaper};
use crate::rt::Instant;
use crate::server::context::Context;
use crate::server::drain::{BatchRest, after, drain_safely};
use crate::server::gen_server::IdleTimeout;
use crate::server::gen_server::{Flow, GenServer, Incoming, ServerPermit};
use crate::server::gen_server::{LoopExit, MessageRecord, ServerCell, ServerState};
use crate::server::latency::{self, TypeLatency};
use crate::server::launch::InitGuard;
use crate::server::requested_steps::send_held;

/// Runs a server from its init on; returns the exit reason, or `None`, like [`serve`].
pub(crate) async fn run_init<S: GenServer>(
    cell: Arc<ServerCell<S>>,
    args: S::Args,
    init_guard: InitGuard,
) -> Option<ExitReason> {
    {
        let called = poll_fn(|cx| cell.cell.poll_granted(cx, false)).await;
        let WakeReason::Granted(mut permit) = called else {
            return None;
        };
        if let Err(reason) = begin(&cell, &mut permit, args).await {
            return Some(reason);
        }
        init_guard.done(&cell.core);
        if current_request::is_inline() {
            leave_to_task(permit);
            reaper::for_a_wake_up().await;
        }
    }
    serve(cell).await
}

/// Runs a server while there is work. Returns the exit reason; `None` if it has been idle for long and continues
/// without a task.
pub(crate) async fn serve<S: GenServer>(cell: Arc<ServerCell<S>>) -> Option<ExitReason> {
    let mut held = None;
    loop {
        let next = poll_fn(|cx| attend(&cell, &mut held, cx)).await?;
        let permit = held.as_mut()?;
        let leaving = match next {
            BatchRest::Later(message) => handle_later(&cell, permit, message).await,
            BatchRest::Idle(at) => {
                wait(&cell, permit, at).await;
                None
            }
            BatchRest::Leave(leaving) => Some(leaving),
        };
        if let Some(leaving) = leaving {
            return Some(leave(&cell, permit, leaving).await);
        }
    }
}

/// Handles synchronous messages, and waits for the next ones without the run permit. Ready with the permit and other
/// work, or with `None` when the task is to end.
fn attend<'a, S: GenServer>(
    cell: &'a Arc<ServerCell<S>>,
    held: &mut Option<ServerPermit<'a, S>>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<BatchRest<S>>> {
    loop {
        let permit = match held {
            Some(permit) => permit,
            None => match std::task::ready!(cell.cell.poll_granted(cx, true)) {
                WakeReason::Granted(permit) => held.insert(permit),
                WakeReason::Released => return Poll::Ready(None),
            },
        };
        let drained = drain_safely(cell, permit, cx);
        // The last answered caller is woken when this run is over.
        let _deferred_wake = permit
            .runner_state()
            .ctx
            .as_mut()
            .and_then(Context::deferred_wake);
        if !matches!(drained, Poll::Ready(Some(BatchRest::Leave(_)))) {
            // Ports of void messages were dropped outside the handlers.
            cell.settle_ports();
        }
        if let Some(drained) = std::task::ready!(drained) {
            return Poll::Ready(Some(drained));
        }
        match held.take().map(ServerPermit::<S>::park) {
            // The cell knows this task: new work wakes it.
            Some(Ok(watch)) => {
                if watch {
                    reaper::watch(&cell.core.system, cell.core.pid);
                }
                return Poll::Pending;
            }
            Some(Err(busy)) => *held = Some(busy),
            None => {}
        }
    }
}

/// Leaves the rest to a task, if there is any: the starter has run the init, and a continuation or a message may
/// follow.
fn leave_to_task<S: GenServer>(mut permit: ServerPermit<'_, S>) {
    let asked = permit
        .runner_state()
        .ctx
        .as_ref()
        .is_some_and(|ctx| ctx.asked);
    let permit = if asked { Err(permit) } else { permit.park() };
    // If it is not parked, this drop grants it to the task.
    drop(permit);
}

/// Runs the init.
async fn begin<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    args: S::Args,
) -> Result<(), ExitReason> {
    let runner_state = permit.runner_state();
    let ctx = runner_state.ctx.insert(Context::new(cell.clone()));
    let begun = {
        let mut user = pin!(None);
        guard::begin(user.as_mut(), || S::init(args, ctx)).map_err(Interrupt::reason)?;
        let mut init = pin!(guard_dyn(&**cell, user));
        poll_fn(|cx| measure::polled(&cell.core, || "init", || init.as_mut().poll(cx))).await
    };
    runner_state.state = Some(begun.map_err(Interrupt::reason)??);
    // A signal that arrived during the last step was first: the server never began.
    if let Some(reason) = cell.fatal() {
        runner_state.end();
        return Err(reason);
    }
    Ok(())
}

/// Ends a server whose loop is over; the exit path does the rest.
async fn leave<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    leaving: LoopExit,
) -> ExitReason {
    cell.core.stopping.store(true, Ordering::Release);
    permit.put_back();
    cell.close();
    let runner_state = permit.runner_state();
    if let Some(question) = runner_state.ctx.as_mut().and_then(Context::handled) {
        cell.core.keep_question(question);
    }
    if !leaving.reason.is_clean() {
        runner_state.trace.record(&cell.core, leaving.is_signal);
    }
    let (Some(state), Some(ctx)) = (&mut runner_state.state, &mut runner_state.ctx) else {
        return leaving.reason;
    };
    let reason = if leaving.terminate {
        if S::TERMINATES {
            cell.core.terminating.set(terminating_for(&leaving.reason));
        }
        let said = {
            let mut user = pin!(None);
            match guard::begin(user.as_mut(), || state.terminate(&leaving.reason, ctx)) {
                Ok(()) => {
                    let mut last = pin!(guard_dyn(&**cell, user));
                    poll_fn(|cx| {
                        measure::polled(&cell.core, || TERMINATE, || last.as_mut().poll(cx))
                    })
                    .await
                }
                Err(cut) => Err(cut),
            }
        };
        if S::TERMINATES {
            cell.core.terminating.set(Terminating::No);
        }
        if let Err(Interrupt::Panic(_)) = &said {
            runner_state.trace.record_terminate(&cell.core);
        }
        said.map_or_else(Interrupt::reason, |()| leaving.reason)
    } else {
        leaving.reason
    };
    let state = runner_state.state.take();
    if let Err(report) = panics::try_drop(state) {
        tracing::error!(pid = %cell.core.pid, %report, "the drop of a server's state panicked");
    }
    send_held(ctx);
    reason
}

/// Returns the kind of terminate for this reason.
fn terminating_for(reason: &ExitReason) -> Terminating {
    if reason.is_clean() {
        Terminating::Clean
    } else {
        Terminating::Failed
    }
}

/// Waits for a message with the run permit, because the timer belongs to the task; at the deadline it queues an
/// internal message.
async fn wait<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    at: Instant,
) {
    let clock = Clock::until(&cell.core.system, at, Arc::default());
    let late = poll_fn(|cx| {
        let waits = permit.wait();
        cell.settle_ports();
        if !waits {
            return Poll::Ready(false);
        }
        clock.poll(cx).map(|()| true)
    })
    .await;
    drop(clock);
    // Only a message or a signal ends the wait by itself.
    permit.go_on();
    let Some(ctx) = permit.runner_state().ctx.as_mut().filter(|_| late) else {
        return;
    };
    ctx.end_idle();
    if let Some(wrap) = ctx.on_idle() {
        permit.push_front(QueueEntry::System(SystemMessage::Item(Incoming::Info(
            wrap(IdleTimeout),
        ))));
    }
}

/// Runs an async method, inside its span at each poll; returns how to leave, if it ended the server.
async fn handle_later<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    message: Incoming<S>,
) -> Option<LoopExit> {
    let ServerState {
        state: Some(state),
        ctx: Some(ctx),
        trace,
        latency,
        ..
    } = permit.runner_state()
    else {
        current_request::end();
        return None;
    };
    // It continues across polls, and other processes run on this thread meanwhile.
    trace.deadline = current_request::take();
    if cell.core.system.telemetry.is_measuring() {
        count_begin::<S>(&cell.core, latency, trace);
    }
    let outcome = {
        let (ctx, trace) = (&mut *ctx, &*trace);
        let mut handler = pin!(run_handler(cell, state, ctx, message));
        poll_fn(|cx| {
            let _inside = trace.enter();
            let _within = current_request::enter(trace.deadline);
            let poll = || handler.as_mut().poll(cx);
            measure::polled(&cell.core, || trace.method(), poll)
        })
        .await
    };
    if cell.core.system.telemetry.is_measuring() {
        count_end::<S>(&cell.core, latency, trace, &outcome);
    }
    match outcome {
        Ok(flow) => {
            after(cell, ctx, trace, flow);
            None
        }
        Err(cut) => {
            trace.end(&cell.core);
            Some(LoopExit::cut::<S>(cut))
        }
    }
}

/// Runs the handler of a message under the guard.
async fn run_handler<S: GenServer>(
    cell: &ServerCell<S>,
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
) -> Result<Flow, Interrupt> {
    match message {
        Incoming::Call(call) => {
            let mut user = pin!(None);
            guard::begin(user.as_mut(), || state.handle_call(call, ctx))?;
            guard_dyn(cell, user).await
        }
        Incoming::Cast(cast) => {
            let mut user = pin!(None);
            guard::begin(user.as_mut(), || state.handle_cast(cast, ctx))?;
            guard_dyn(cell, user).await
        }
        Incoming::Info(info) => {
            let mut user = pin!(None);
            guard::begin(user.as_mut(), || state.handle_info(info, ctx))?;
            guard_dyn(cell, user).await
        }
        Incoming::Continue(next) => {
            let mut user = pin!(None);
            guard::begin(user.as_mut(), || state.handle_continue(next, ctx))?;
            guard_dyn(cell, user).await
        }
    }
}

/// Counts the start of an async method while measuring is on.
#[cold]
fn count_begin<S: GenServer>(
    core: &ProcessHeader,
    latency: &mut Option<Arc<TypeLatency>>,
    trace: &mut MessageRecord,
) {
    let latency = latency::of::<S>(latency, core);
    let tally = latency.method(trace.method()).tally();
    trace.time(measure::begins(core, tally));
}

/// Counts the end of an async method.
#[cold]
fn count_end<S: GenServer>(
    core: &ProcessHeader,
    latency: &mut Option<Arc<TypeLatency>>,
    trace: &mut MessageRecord,
    outcome: &Result<Flow, Interrupt>,
) {
    let latency = latency::of::<S>(latency, core);
    let tally = latency.method(trace.method()).tally();
    let began = trace.timed();
    match outcome {
        Ok(_) => measure::ended(core, tally, began),
        Err(Interrupt::Panic(_)) => tally.panicked(),
        Err(Interrupt::Fatal(_)) => {}
    }
}
