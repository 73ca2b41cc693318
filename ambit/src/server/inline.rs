//! Inline calls: the caller runs the handler on its own stack, because the server is idle.
//!
//! Only the handler runs here. All consequences (stop, panic, continuation, queued work) are left to a task of the
//! server, so the caller's future never holds a part of the server across an await.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::engine::wake::Wake;
use crate::exit_reason::{ExitReason, PanicReport};
use crate::handle::protocol::Protocol;
use crate::panics;
use crate::process::guard::Interrupt;
use crate::process::header::{AnyProcess, ProcessHeader};
use crate::process::system_inner::SystemInner;
use crate::process::{current, current_request, current_system, measure};
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::gen_server::{LoopExit, MessageRecord, ServerCell, ServerPermit, ServerState};
use crate::server::latency::{self, InlinePermission, MethodLatency};
use crate::server::options::InPlace;
use crate::server::startable::Settings;

/// One inline run of this many is timed, once a method is known.
const SAMPLE: u32 = 64;

/// Returns whether callers may run handlers of `S` inline at all: the option of the type, unless a test overrides it
/// for all.
pub(crate) fn policy<S: GenServer>(system: &SystemInner) -> InPlace {
    if cfg!(feature = "test")
        && let Some(policy) = system.settings.in_place
    {
        return policy;
    }
    S::OPTIONS.in_place
}

/// Returns true if a caller may take the run permit of the server now. Only a hint; it may be outdated at once.
pub(crate) fn may<S: GenServer>(cell: &ServerCell<S>) -> bool {
    let system = &cell.core.system;
    cell.cell.may_enter()
        && policy::<S>(system) != InPlace::Never
        && !current_request::is_inline()
        && current_system::is_inside(system)
}

/// Returns whether the handlers of a server run inline however long they take; `None` if this call goes through the queue.
#[inline]
fn is_always_inline<S: GenServer>(system: &SystemInner) -> Option<bool> {
    let policy = policy::<S>(system);
    // On a virtual clock a handler takes no time, and a test should cover both modes.
    let random_choice = system.random_bool();
    if policy == InPlace::Auto && random_choice == Some(false) {
        return None;
    }
    Some(policy == InPlace::Always || random_choice.is_some())
}

/// Runs the handler of `call` on the caller's stack, if that is allowed now; otherwise returns the call.
pub(crate) fn run<S: GenServer>(
    cell: &ServerCell<S>,
    call: <S::Protocol as Protocol>::Call,
    timeout: Option<Duration>,
) -> Result<(), <S::Protocol as Protocol>::Call> {
    let core = &cell.core;
    let Some(always) = is_always_inline::<S>(&core.system) else {
        return Err(call);
    };
    let Some(mut permit) = cell.cell.enter() else {
        return Err(call);
    };
    let ServerState {
        state: Some(state),
        ctx: Some(ctx),
        trace,
        leaving,
        latency,
    } = permit.runner_state()
    else {
        cell.wake(permit.leave());
        return Err(call);
    };
    let call = Incoming::Call(call);
    trace.in_place = trace.in_place.wrapping_add(1);
    let latency = &**latency::of::<S>(latency, core);
    let name = match panics::catch(|| S::method_of(&call)) {
        Ok(name) => name,
        Err(report) => return crash(cell, permit, call, report),
    };
    let method = latency.method(name);
    let timed = match method.may(always, trace.in_place % SAMPLE == 0) {
        InlinePermission::Yes => None,
        InlinePermission::Timed(watch) => Some(watch),
        InlinePermission::No => return leave_to_queue(cell, permit, call),
    };
    core.system.count_activity();
    trace.begin_method(core, &call, name);
    let ticks = core.system.measure.ticks();
    let outcome = match handle_as_server(core, state, ctx, call, trace, timeout) {
        Ok(outcome) => outcome,
        Err(call) => {
            method.mark_async();
            trace.undo();
            return leave_to_queue(cell, permit, call);
        }
    };
    if timed.is_some() || core.system.telemetry.is_measuring() {
        let took = timed.map(|watch| latency.timed(method, &watch));
        count(core, method, trace.method(), ticks, took, outcome.is_ok());
    }
    trace.end(core);
    let wake = if is_left(cell, ctx, trace, leaving, outcome) {
        permit.hand_over()
    } else {
        permit.leave()
    };
    wake_if_needed(cell, wake);
    Ok(())
}

/// Applies the outcome of a handler. Returns true if work is left for the server's own task.
#[inline(always)]
fn is_left<S: GenServer>(
    cell: &ServerCell<S>,
    ctx: &mut Context<S>,
    trace: &mut MessageRecord,
    leaving: &mut Option<LoopExit>,
    outcome: Result<Flow, Interrupt>,
) -> bool {
    let is_left = !matches!(outcome, Ok(Flow::Continue)) || ctx.asked && is_more_to_do(ctx);
    if is_left {
        *leaving = leaving_of(&cell.core, ctx, outcome);
    }
    if !is_left || leaving.is_none() && !ctx.is_stopping() {
        trace.survived();
    }
    cell.settle_ports();
    is_left
}

#[inline]
fn wake_if_needed<S: GenServer>(cell: &ServerCell<S>, wake: Wake) {
    if !matches!(wake, Wake::None) {
        cell.wake(wake);
    }
}

/// Ends the server like a panic of its handler, because of a panic before the handler of `call` began.
#[cold]
fn crash<S: GenServer>(
    cell: &ServerCell<S>,
    mut permit: ServerPermit<'_, S>,
    call: Incoming<S>,
    report: PanicReport,
) -> Result<(), <S::Protocol as Protocol>::Call> {
    panics::drop_quietly(call);
    let state = permit.runner_state();
    if let Some(ctx) = &mut state.ctx {
        let cut = Interrupt::Panic(ExitReason::Panic(report));
        state.leaving = leaving_of(&cell.core, ctx, Err(cut));
    }
    cell.wake(permit.hand_over());
    Ok(())
}

/// Runs the handler as the server, on the caller's stack.
#[inline(always)]
fn handle_as_server<S: GenServer>(
    core: &ProcessHeader,
    state: &mut S,
    ctx: &mut Context<S>,
    call: Incoming<S>,
    trace: &MessageRecord,
    timeout: Option<Duration>,
) -> Result<Result<Flow, Interrupt>, Incoming<S>> {
    core.run(true);
    let outcome = current_request::in_place(timeout, || {
        let own = ctx.own.get_mut().take().unwrap_or_else(|| ctx.process());
        let as_server = current::enter(own);
        let outcome = handle_now(state, ctx, call, trace);
        *ctx.own.get_mut() = as_server.leave();
        outcome
    });
    core.run(false);
    drop(ctx.deferred_wake());
    outcome
}

/// Counts one run, if measuring is on.
#[inline(never)]
fn count(
    core: &ProcessHeader,
    method: &MethodLatency,
    name: &'static str,
    ticks: u32,
    took: Option<Duration>,
    is_well: bool,
) {
    if !core.system.telemetry.is_measuring() {
        return;
    }
    let tally = method.tally();
    if is_well {
        measure::ran(core, tally, name, ticks, took);
    } else {
        tally.panicked();
    }
}

/// Returns how the server leaves its loop, if the handler panicked; a requested stop is recorded for its task.
fn leaving_of<S: GenServer>(
    core: &ProcessHeader,
    ctx: &mut Context<S>,
    outcome: Result<Flow, Interrupt>,
) -> Option<LoopExit> {
    match outcome {
        Ok(Flow::Continue) => None,
        Ok(Flow::Stop(reason)) => {
            ctx.stop(reason);
            None
        }
        Err(cut) => {
            core.stopping.store(true, Ordering::Release);
            Some(LoopExit::cut::<S>(cut))
        }
    }
}

/// Returns true if a handler has left work for the server's own task. An idle timeout counts from now on.
#[cold]
fn is_more_to_do<S: GenServer>(ctx: &mut Context<S>) -> bool {
    ctx.begin_idle();
    ctx.is_stopping() || ctx.has_next() || ctx.idle_at().is_some()
}

/// Gives the permit back, and returns the call itself, which goes through the queue.
fn leave_to_queue<S: GenServer>(
    cell: &ServerCell<S>,
    permit: ServerPermit<'_, S>,
    message: Incoming<S>,
) -> Result<(), <S::Protocol as Protocol>::Call> {
    cell.wake(permit.leave());
    match message {
        Incoming::Call(call) => Err(call),
        // The server has returned another message than it got; there is no caller to return it to.
        Incoming::Cast(_) | Incoming::Info(_) | Incoming::Continue(_) => Ok(()),
    }
}

/// Returns true if a starter may poll the init of a new server first, on its own stack. Never for a child of a
/// supervisor: its init may hang, and its supervisor must not hang with it.
pub(crate) fn may_start<S: GenServer>(settings: &Settings<S>) -> bool {
    let Some(system) = settings
        .in_starter()
        .filter(|_| !current_request::is_inline())
    else {
        return false;
    };
    match policy::<S>(system) {
        InPlace::Never => false,
        InPlace::Auto => current_system::is_inside(system) && system.random_bool().unwrap_or(true),
        InPlace::Always => current_system::is_inside(system),
    }
}

/// Passes one message to its method, if that is synchronous; returns it if the method is async.
#[inline]
fn handle_now<S: GenServer>(
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &MessageRecord,
) -> Result<Result<Flow, Interrupt>, Incoming<S>> {
    let _inside = trace.enter();
    match panics::catch(|| state.handle_now(message, ctx)) {
        Ok(Ok(flow)) => Ok(Ok(flow)),
        Ok(Err(message)) => Err(message),
        Err(report) => Ok(Err(Interrupt::Panic(ExitReason::Panic(report)))),
    }
}
