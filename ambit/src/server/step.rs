//! The next step of a server, if it is not simply the next message.

use std::any::Any;
use std::sync::Arc;

use crate::engine::mailbox::{QueueEntry, QueuedMessage};
use crate::engine::run_cell::NextWork;
use crate::panics;
use crate::process::control_lane::{Ask, ControlCommand};
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::header::AnyProcess;
use crate::process::system_message::SystemMessage;
use crate::process::{dropped_ports, wait_scope};
use crate::server::context::Context;
use crate::server::gen_server::ServerPermit;
use crate::server::gen_server::{GenServer, Incoming};
use crate::server::gen_server::{LoopExit, ServerCell};

/// The next step of the loop.
pub(super) enum Step<S: GenServer> {
    Handle(Incoming<S>),
    Again,
    Leave(LoopExit),
    /// It is suspended: only control requests are served.
    Wait,
    /// There is no work.
    Rest,
}

/// Returns the next step: first the requests of the server itself, then control, then the batch.
#[inline(never)]
pub(super) fn next_step<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
) -> Step<S> {
    let Some(ctx) = &mut permit.runner_state().ctx else {
        return Step::Rest;
    };
    if ctx.asked {
        ctx.begin_idle();
        if let Some(reason) = ctx.take_stop() {
            return Step::Leave(LoopExit::asked(reason));
        }
        if ctx.has_next() {
            return next_continuation(cell, permit);
        }
    }
    let found = permit.next();
    let Some(ctx) = &mut permit.runner_state().ctx else {
        return Step::Rest;
    };
    match found {
        NextWork::Entry(QueueEntry::System(note)) if !ctx.cell().takes(&note) => {
            panics::drop_quietly(note);
            Step::Again
        }
        NextWork::Entry(entry) => {
            if std::mem::take(&mut ctx.asked) {
                // Any message ends the idle timeout; it must be set again.
                ctx.end_idle();
            }
            match entry {
                QueueEntry::User(envelope) => Step::Handle(take_up(permit, envelope)),
                QueueEntry::Traced(envelope) => {
                    let (envelope, origin) = envelope.parts();
                    permit.runner_state().trace.comes_from(origin);
                    Step::Handle(take_up(permit, envelope))
                }
                QueueEntry::System(note) => sort(ctx, note),
            }
        }
        NextWork::Control => next_control(cell, permit),
        NextWork::Nothing if permit.take_more() => Step::Again,
        NextWork::Nothing => Step::Rest,
    }
}

/// Before a continuation only the control lane is checked.
fn next_continuation<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
) -> Step<S> {
    if permit.has_control() {
        let step = next_control(cell, permit);
        if !matches!(step, Step::Again) || permit.has_control() {
            return step;
        }
    }
    let ctx = permit.runner_state().ctx.as_mut();
    match ctx.and_then(|ctx| ctx.take_next()) {
        Some(next) => Step::Handle(Incoming::Continue(next)),
        None => Step::Again,
    }
}

/// Handles the first command of the control lane.
fn next_control<S: GenServer>(
    cell: &Arc<ServerCell<S>>,
    permit: &mut ServerPermit<'_, S>,
) -> Step<S> {
    let (said, task_panicked) = permit.control(|control| {
        let (task_panicked, said) = (control.task_panicked, control.say());
        let is_left = !matches!(said, ControlCommand::Nothing);
        ((said, task_panicked), is_left)
    });
    // Not earlier: the wake-up for a check that is requested before that would be lost.
    wait_scope::end_checks(&cell.core);
    match said {
        ControlCommand::Ask(ask) => {
            let state = permit.runner_state().state.as_mut();
            serve_request(&**cell, state.map(|state| state as _), ask);
            Step::Again
        }
        ControlCommand::Leave(reason) => {
            Step::Leave(LoopExit::requested::<S>(reason, task_panicked))
        }
        ControlCommand::Die(reason) => Step::Leave(LoopExit::killed(reason)),
        ControlCommand::Nothing => Step::Again,
        ControlCommand::Wait => Step::Wait,
    }
}

fn serve_request(process: &dyn AnyProcess, state: Option<&mut dyn Any>, ask: Ask) {
    if let Err(report) = panics::catch(|| ask(state)) {
        tracing::error!(pid = %process.core().pid, %report, "an inspection panicked");
    }
    dropped_ports::settle(process);
}

/// Returns the step for a system message that is not void.
fn sort<S: GenServer>(ctx: &mut Context<S>, note: SystemMessage<Incoming<S>>) -> Step<S> {
    match note {
        SystemMessage::Item(item) | SystemMessage::Timed(_, item) => Step::Handle(item),
        SystemMessage::Stop(reason) => Step::Leave(LoopExit::asked(reason.take())),
        SystemMessage::Down(down) => match ctx.on_down() {
            Some(wrap) => Step::Handle(Incoming::Info(wrap(*down))),
            None => unhandled(ctx, LetterKind::Down, Content::new(*down)),
        },
        SystemMessage::Exit(exit) => match (ctx.on_exit(), exit.take()) {
            (Some(wrap), exit) => Step::Handle(Incoming::Info(wrap(exit))),
            (None, exit) => unhandled(ctx, LetterKind::Exit, Content::new(exit)),
        },
    }
}

fn unhandled<S: GenServer>(ctx: &Context<S>, kind: LetterKind, content: Content) -> Step<S> {
    let core = &ctx.cell().core;
    core.dead_letter(kind, Undelivered::Unhandled, content);
    Step::Again
}

/// Begins a message, with the question of a call.
#[inline(always)]
pub(super) fn take_up<S: GenServer>(
    permit: &mut ServerPermit<'_, S>,
    envelope: QueuedMessage<Incoming<S>>,
) -> Incoming<S> {
    if let Some(question) = envelope.question
        && let Some(ctx) = &mut permit.runner_state().ctx
    {
        ctx.handles(question);
    }
    envelope.item
}
