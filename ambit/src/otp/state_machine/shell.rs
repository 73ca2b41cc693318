//! The state of a running state machine in its context, and the loop from one event to the next.
//!
//! Entering and leaving a state happen in the same handler call as the event that caused them. Every further event,
//! postponed or inserted, is a continuation of the server: so a stop, a kill or a suspension takes effect before each,
//! and reports name each.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::otp::state_machine::core::{Clock, Core, Misplaced, Next};
use crate::otp::state_machine::event::{StateEvent, StateInfo, StateMachine, StateStep};
use crate::process::dead_letter::Undelivered;
use crate::process::exit_path;
use crate::process::timer::Timer;
use crate::server::context::Context;
use crate::server::gen_server::ServerCell;
use crate::server::gen_server::{Flow, Incoming};

type CoreOf<M> = Core<<M as StateMachine>::State, StateEvent<M>, <M as StateMachine>::Timeout>;

/// The state of a machine in its context.
pub(super) struct Shell<M: StateMachine> {
    pub(super) core: CoreOf<M>,
    /// The running timers, by number.
    timers: BTreeMap<u64, Timer>,
    /// True once `init` is over.
    begun: bool,
    cell: Arc<ServerCell<M>>,
}

impl<M: StateMachine> Shell<M> {
    pub(super) fn start_in(ctx: &mut Context<M>, state: M::State) {
        let cell = ctx.cell().clone();
        let place = ctx.extension();
        if let Some(shell) = place
            .as_mut()
            .and_then(|shell| shell.downcast_mut::<Self>())
        {
            assert!(
                !shell.begun,
                "`start_in` is for `init`: later a state is left by what a handler returns"
            );
            return shell.core.begin_in(state);
        }
        *place = Some(Box::new(Self {
            core: Core::new(state),
            timers: BTreeMap::new(),
            begun: false,
            cell,
        }));
        proceed(ctx, StateEvent::Enter { from: None });
    }

    pub(super) fn of(ctx: &mut Context<M>) -> &mut Self {
        let shell = ctx.extension().as_mut();
        shell
            .and_then(|shell| shell.downcast_mut())
            .expect(NOT_BEGUN)
    }

    pub(super) fn look<R>(ctx: &Context<M>, look: impl FnOnce(&CoreOf<M>) -> R) -> R {
        let found = ctx.look_at_extension(|shell| {
            let shell = shell.downcast_ref::<Self>();
            shell.map(|shell| look(&shell.core))
        });
        found.flatten().expect(NOT_BEGUN)
    }
}

const NOT_BEGUN: &str =
    "a state machine has no state before its `init` has called `ctx.start_in(..)`";

impl<M: StateMachine> Drop for Shell<M> {
    fn drop(&mut self) {
        let (mut events, cell) = (self.core.drain(), self.cell.clone());
        exit_path::release(&self.cell.core, events.len(), move |limit| {
            let next = events.by_ref().take(limit);
            next.map(|event| event.dead_letter(&cell, Undelivered::Ended))
                .count()
        });
    }
}

/// Handles a message synchronously. An event with an async handler is left to [`handle_later`], as the continuation of
/// the server. Call this function in the [`handle_now`](crate::GenServer::handle_now) of a hand-written
/// [`StateMachine`], whose documentation has an example.
///
/// # Errors
/// Returns `message` itself if it is a continuation whose handler is async, so that [`handle_later`] handles it.
///
/// # Panics
/// Panics if the `init` of the machine has not called [`Context::start_in`].
pub fn handle_now<M: StateMachine>(
    machine: &mut M,
    message: Incoming<M>,
    ctx: &mut Context<M>,
) -> Result<Flow, Incoming<M>> {
    let is_step = matches!(message, Incoming::Continue(_));
    let Some(event) = arrived(message, ctx) else {
        return Ok(Flow::Continue);
    };
    match step(machine, event, ctx) {
        Ok(Some(next)) => run(machine, next, ctx),
        Ok(None) => {}
        Err(event) if is_step => return Err(Incoming::Continue(kept(ctx, event))),
        Err(event) => proceed(ctx, event),
    }
    Ok(Flow::Continue)
}

/// Handles an event that [`handle_now`] has left because its handler is async. Call this function in the
/// [`handle_continue`](crate::GenServer::handle_continue) of a hand-written [`StateMachine`].
///
/// # Panics
/// Panics if the `init` of the machine has not called [`Context::start_in`].
///
/// # Cancel safety
/// Dropping the future before the first poll leaves the event unhandled: a cast is then reported as a dead letter.
/// Dropping it later cancels the handler; the event is lost.
pub async fn handle_later<M: StateMachine>(
    machine: &mut M,
    step: StateStep<M>,
    ctx: &mut Context<M>,
) -> Flow {
    let Some(event) = step.take() else {
        return Flow::Continue;
    };
    let state = Shell::of(ctx).core.state();
    let next = machine.handle_event_later(state, event, ctx).await;
    if let Some(event) = settle(ctx, next) {
        run(machine, event, ctx);
    }
    Flow::Continue
}

/// Returns the event in a message, if it still counts.
fn arrived<M: StateMachine>(message: Incoming<M>, ctx: &mut Context<M>) -> Option<StateEvent<M>> {
    let shell = Shell::of(ctx);
    let event = match message {
        Incoming::Continue(step) => {
            shell.begun = true;
            return step.take();
        }
        Incoming::Call(call) => StateEvent::Call(call),
        Incoming::Cast(cast) => StateEvent::Cast(cast),
        Incoming::Info(StateInfo::Message(message)) => StateEvent::Info(message),
        Incoming::Info(StateInfo::Timeout(due)) => {
            shell.timers.remove(&due.number);
            let key = shell.core.fired(due.number)?;
            tick(ctx);
            return Some(StateEvent::timeout(key));
        }
    };
    shell.core.receive();
    tick(ctx);
    Some(event)
}

/// Handles an event, and its consequences in the same handler call.
fn run<M: StateMachine>(machine: &mut M, first: StateEvent<M>, ctx: &mut Context<M>) {
    let mut event = Some(first);
    while let Some(now) = event {
        event = match step(machine, now, ctx) {
            Ok(next) => next,
            Err(event) => return proceed(ctx, event),
        };
    }
}

/// Handles one event. Returns the next event of the same handler call; as an error, the event itself if its handler is
/// async.
fn step<M: StateMachine>(
    machine: &mut M,
    event: StateEvent<M>,
    ctx: &mut Context<M>,
) -> Result<Option<StateEvent<M>>, StateEvent<M>> {
    let state = Shell::of(ctx).core.state();
    let next = machine.handle_event(state, event, ctx)?;
    Ok(settle(ctx, next))
}

/// Applies the result of a handler. Returns the next event of the same handler call.
fn settle<M: StateMachine>(ctx: &mut Context<M>, next: Next<M::State>) -> Option<StateEvent<M>> {
    if let Next::Stop(reason) = next {
        ctx.stop(reason);
        return None;
    }
    if ctx.is_stopping() {
        return None;
    }
    let core = &mut Shell::of(ctx).core;
    if let Err(Misplaced) = core.done(&next) {
        let state = core.state();
        ctx.stop(misplaced(&state));
        return None;
    }
    let task = core.next();
    tick(ctx);
    match task.map(StateEvent::of)? {
        event @ (StateEvent::Enter { .. } | StateEvent::Exit { .. }) => Some(event),
        event => {
            proceed(ctx, event);
            None
        }
    }
}

fn misplaced(state: &impl Debug) -> ExitReason {
    ExitReason::error(format!(
        "an enter or exit method cannot choose another state (in {state:?}); give the machine an \
         event with `ctx.next_event(..)` instead"
    ))
}

/// Leaves an event to the server, as its continuation.
fn proceed<M: StateMachine>(ctx: &mut Context<M>, event: StateEvent<M>) {
    let step = kept(ctx, event);
    ctx.continue_with(step);
}

fn kept<M: StateMachine>(ctx: &Context<M>, event: StateEvent<M>) -> StateStep<M> {
    StateStep::new(event, ctx.cell().clone())
}

/// Performs the clock actions of the core.
fn tick<M: StateMachine>(ctx: &mut Context<M>) {
    let actions = Shell::of(ctx).core.clock();
    for action in actions {
        match action {
            Clock::Start { number, after } => {
                let timer = ctx.start_clock(number, after);
                Shell::of(ctx).timers.insert(number, timer);
            }
            Clock::Cancel(cancelled) => {
                if let Some(timer) = Shell::of(ctx).timers.remove(&cancelled) {
                    timer.cancel();
                }
            }
        }
    }
}
