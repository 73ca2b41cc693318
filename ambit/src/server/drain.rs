//! A batch of synchronous messages, handled one after the other without a future or a panic guard for each.

use std::sync::Arc;
use std::task::{self, Poll};

use crate::exit_reason::{ExitReason, PanicReport};
use crate::panics;
use crate::process::current_request;
use crate::process::guard::Interrupt;
use crate::rt::{self, Instant};
use crate::server::context::Context;
use crate::server::counting::{CountMessages, RunCount, Unmeasured};
use crate::server::gen_server::ServerPermit;
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::gen_server::{LoopExit, MessageRecord, ServerCell, ServerState};
use crate::server::latency::{self, TypeLatency};
use crate::server::step::{Step, next_step, take_up};

/// The number of messages handled for one unit of the task's cooperative budget.
const PER_UNIT: u32 = 8;

/// The rest of a batch that needs a future.
pub(super) enum BatchRest<S: GenServer> {
    /// A message with an async method.
    Later(Incoming<S>),
    Leave(LoopExit),
    /// No message is left, and the server waits until this deadline for the next one.
    Idle(Instant),
}

/// Handles synchronous messages one after the other, up to one that panics. `None`: no message is left.
///
/// A separate function, because unwinding walks the exception table of the catching frame twice, and that of the whole
/// loop is long.
#[inline(never)]
pub(super) fn drain_safely<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<BatchRest<S>>> {
    if let Some(leaving) = permit.runner_state().leaving.take() {
        return Poll::Ready(Some(BatchRest::Leave(leaving)));
    }
    if cell.core.system.telemetry.is_measuring() {
        return drain_measured(cell, permit, cx);
    }
    panics::catch(|| drain(cell, permit, cx, &mut Unmeasured))
        .unwrap_or_else(|report| panicked(cell, permit, report))
}

/// Like `drain_safely`, with every message counted.
#[inline(never)]
fn drain_measured<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<BatchRest<S>>> {
    let core = &cell.core;
    let latency = latency::of::<S>(&mut permit.runner_state().latency, core).clone();
    let mut row = RunCount::new(core, &latency);
    let drained = panics::catch(|| drain(cell, permit, cx, &mut row));
    if drained.is_err() {
        row.panicked();
    }
    row.flush();
    drained.unwrap_or_else(|report| panicked(cell, permit, report))
}

fn panicked<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    report: PanicReport,
) -> Poll<Option<BatchRest<S>>> {
    current_request::end();
    permit.runner_state().trace.end(&cell.core);
    let cut = Interrupt::Panic(ExitReason::Panic(report));
    Poll::Ready(Some(BatchRest::Leave(LoopExit::cut::<S>(cut))))
}

/// Handles messages without a future or a panic guard for each.
fn drain<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
    cx: &mut task::Context<'_>,
    counts: &mut impl CountMessages,
) -> Poll<Option<BatchRest<S>>> {
    let mut handled = 0;
    loop {
        std::task::ready!(spend(&mut handled, cx));
        // Steps that the server has requested come first.
        let asked = permit
            .runner_state()
            .ctx
            .as_ref()
            .is_none_or(|ctx| ctx.asked);
        let envelope = if asked { None } else { permit.next_message() };
        let message = match envelope {
            Some(envelope) => {
                let message = take_up(permit, envelope);
                permit.free_permit();
                message
            }
            None if permit.is_done() && permit.runner_state().is_plain() => {
                return Poll::Ready(None);
            }
            None => match next_step(cell, permit) {
                Step::Handle(message) => {
                    counts.unqueued();
                    message
                }
                Step::Again => continue,
                Step::Wait => return Poll::Pending,
                Step::Leave(leaving) => return Poll::Ready(Some(BatchRest::Leave(leaving))),
                Step::Rest => return Poll::Ready(idle(permit)),
            },
        };
        let ServerState {
            state: Some(state),
            ctx: Some(ctx),
            trace,
            latency,
            ..
        } = permit.runner_state()
        else {
            return Poll::Ready(None);
        };
        drop(ctx.deferred_wake());
        let is_curious = trace.begin(&cell.core, &message);
        let is_watched = counts.begin(trace.method(), latency) || is_curious;
        // Not in a function of its own: passed on, the message would be copied once more.
        let handled_now = if is_watched {
            handle_watched(cell, state, ctx, message, trace, latency.as_deref(), counts)
        } else {
            let flow = state.handle_now(message, ctx);
            flow.map(|flow| {
                counts.end();
                after(cell, ctx, trace, flow);
            })
        };
        if let Err(message) = handled_now {
            counts.undo();
            return Poll::Ready(Some(BatchRest::Later(message)));
        }
    }
}

/// Spends one unit of the task's cooperative budget for each `PER_UNIT` messages.
#[inline(always)]
fn spend(handled: &mut u32, cx: &mut task::Context<'_>) -> Poll<()> {
    if handled.is_multiple_of(PER_UNIT) {
        std::task::ready!(rt::poll_proceed(cx)).made_progress();
    }
    *handled += 1;
    Poll::Ready(())
}

fn idle<S: GenServer>(permit: &mut ServerPermit<'_, S>) -> Option<BatchRest<S>> {
    let ctx = permit.runner_state().ctx.as_ref();
    ctx.and_then(Context::idle_at).map(BatchRest::Idle)
}

/// Passes one message to its method, inside its span, and times it if it is a slow one that callers do not run inline.
#[inline(never)]
fn handle_watched<S: GenServer>(
    cell: &ServerCell<S>,
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &mut MessageRecord,
    latency: Option<&TypeLatency>,
    counts: &mut impl CountMessages,
) -> Result<(), Incoming<S>> {
    let timed = latency.and_then(|latency| {
        let method = latency.method(trace.method());
        Some((latency, method, method.watch()?))
    });
    let inside = trace.enter();
    let flow = state.handle_now(message, ctx)?;
    drop(inside);
    if let Some((latency, method, watch)) = timed {
        latency.timed(method, &watch);
    }
    counts.end();
    after(cell, ctx, trace, flow);
    Ok(())
}

/// Applies the results of one handler.
#[inline(always)]
pub(super) fn after<S: GenServer>(
    cell: &ServerCell<S>,
    ctx: &mut Context<S>,
    trace: &mut MessageRecord,
    flow: Flow,
) {
    trace.end(&cell.core);
    if let Flow::Stop(reason) = flow {
        ctx.stop(reason);
    }
    if !ctx.asked || !ctx.is_stopping() {
        trace.survived();
    }
    if let Some(question) = ctx.handled() {
        current_request::end();
        cell.core.keep_question(question);
    }
    // Only now it is known whether the server continues, which determines the meaning of a dropped port.
    cell.settle_ports();
}
