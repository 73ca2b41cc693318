//! The task of a server: init, one message after the other, terminate.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{self, Poll};
use std::time::Duration;

use tracing::Span;

use crate::engine::cell::{Called, Found};
use crate::engine::mailbox::{Entry, Letter};
use crate::exit_reason::ExitReason;
use crate::process::body::{Live, Note, Running};
use crate::process::clock::Clock;
use crate::process::core::{Ask, Proc, Said};
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::drive::{Cut, guard};
use crate::process::{current, panics, rest};
use crate::rt;
use crate::server::context::{Context, IdleTimeout, send_held};
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::launch::Begun;
use crate::server::life::{Leaving, Life, ServerBody, Trace};
use crate::server::pace::Pace;

/// The turn of a server.
pub(crate) type ServerTurn<'a, S> = Running<'a, Incoming<S>, Life<S>>;

/// The life of a server from its init on; gives the reason of its end, or none, as [`serve`] does.
pub(crate) async fn be_born<S: GenServer>(
    body: Arc<ServerBody<S>>,
    args: S::Args,
    begun: Begun,
) -> Option<ExitReason> {
    {
        let called = poll_fn(|cx| body.cell.poll_called(cx, false)).await;
        let Called::Turn(mut turn) = called else {
            return None;
        };
        if let Err(reason) = begin(&body, &mut turn, args).await {
            return Some(reason);
        }
        begun.done(&body.core);
        if current::is_in_place() {
            leave_to_task(turn);
            rest::for_a_wake_up().await;
        }
    }
    serve(body).await
}

/// Runs a server for as long as there is work. The reason of its end; none if it has been idle for long and lives on
/// without a task.
pub(crate) async fn serve<S: GenServer>(body: Arc<ServerBody<S>>) -> Option<ExitReason> {
    let mut held = None;
    loop {
        let next = poll_fn(|cx| attend(&body, &mut held, cx)).await?;
        let turn = held.as_mut()?;
        let leaving = match next {
            Drained::Later(message) => handle_later(&body, turn, message).await,
            Drained::Idle(time) => {
                wait(&body, turn, time).await;
                None
            }
            Drained::Leave(leaving) => Some(leaving),
        };
        if let Some(leaving) = leaving {
            return Some(leave(&body, turn, leaving).await);
        }
    }
}

/// Handles plain messages whenever there are any, and waits for the next ones without the turn. Comes back with the turn
/// and something else to do, or with nothing when the task is to end.
fn attend<'a, S: GenServer>(
    body: &'a Arc<ServerBody<S>>,
    held: &mut Option<ServerTurn<'a, S>>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<Drained<S>>> {
    loop {
        let turn = match held {
            Some(turn) => turn,
            None => match std::task::ready!(body.cell.poll_called(cx, true)) {
                Called::Turn(turn) => held.insert(turn),
                Called::Released => return Poll::Ready(None),
            },
        };
        let drained = drain_safely(body, turn, cx);
        // Whom the last answer was for is woken when nothing more is done here.
        let _bell = turn.life().ctx.as_mut().and_then(Context::bell);
        if let Some(drained) = std::task::ready!(drained) {
            return Poll::Ready(Some(drained));
        }
        match held.take().map(ServerTurn::<S>::park) {
            // The cell knows this task: what comes now wakes it.
            Some(Ok(watch)) => {
                if watch {
                    rest::watch(&body.core.world, body.core.pid);
                }
                return Poll::Pending;
            }
            Some(Err(busy)) => *held = Some(busy),
            None => {}
        }
    }
}

/// The starter has run the init; whatever follows it, a continuation or a message, is left to a task, if there is any.
fn leave_to_task<S: GenServer>(mut turn: ServerTurn<'_, S>) {
    let asked = turn.life().ctx.as_ref().is_some_and(|ctx| ctx.asked);
    let turn = if asked { Err(turn) } else { turn.park() };
    // Not parked, it is granted to the task with this drop.
    drop(turn);
}

/// Runs its init.
async fn begin<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    args: S::Args,
) -> Result<(), ExitReason> {
    let life = turn.life();
    let ctx = life.ctx.insert(Context::new(body.clone()));
    let state = match guard(body, pin!(Some(S::init(args, ctx)))).await {
        Ok(init) => life.state.insert(init?),
        Err(cut) => return Err(cut.reason()),
    };
    let _ = state;
    // A signal that came during the last step was first: the server never began.
    if let Some(reason) = body.fatal() {
        life.end();
        return Err(reason);
    }
    Ok(())
}

/// Ends a server whose loop is over; the exit path does the rest.
async fn leave<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    leaving: Leaving,
) -> ExitReason {
    body.core.stopping.store(true, Ordering::Release);
    turn.put_back();
    body.close();
    let life = turn.life();
    if let Some(question) = life.ctx.as_mut().and_then(Context::handled) {
        body.core.keep_question(question);
    }
    if !leaving.reason.is_clean() {
        life.trace.note(&body.core);
    }
    let (Some(state), Some(ctx)) = (&mut life.state, &mut life.ctx) else {
        return leaving.reason;
    };
    let reason = if leaving.terminate {
        let said = guard(body, pin!(Some(state.terminate(&leaving.reason, ctx)))).await;
        said.map_or_else(Cut::reason, |()| leaving.reason)
    } else {
        leaving.reason
    };
    let state = life.state.take();
    if let Err(report) = panics::catch(|| drop(state)) {
        tracing::error!(pid = %body.core.pid, %report, "the drop of a server's state panicked");
    }
    send_held(ctx);
    reason
}

/// So many messages are handled for one unit of the task's cooperative budget.
const PER_UNIT: u32 = 8;

/// What a row of plain messages has left to do, which needs a future.
enum Drained<S: GenServer> {
    /// This one has an async method.
    Later(Incoming<S>),
    Leave(Leaving),
    /// Nothing is left, and it waits so long for something to come.
    Idle(Duration),
}

/// What the loop does next.
enum Step<S: GenServer> {
    Handle(Incoming<S>),
    Again,
    Leave(Leaving),
    /// It is suspended: only control goes on.
    Wait,
    /// There is nothing.
    Rest,
}

/// Handles plain messages one after the other; the one that panics is the last. `None`: nothing is left.
///
/// A function of its own: a panic goes twice through the table of all that its catching frame may unwind from, and
/// that of the whole loop is long.
#[inline(never)]
fn drain_safely<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<Drained<S>>> {
    if let Some(leaving) = turn.life().leaving.take() {
        return Poll::Ready(Some(Drained::Leave(leaving)));
    }
    panics::catch(|| drain(body, turn, cx)).unwrap_or_else(|report| {
        turn.life().trace.end(&body.core);
        let cut = Cut::Panic(ExitReason::Panic(report));
        Poll::Ready(Some(Drained::Leave(Leaving::cut::<S>(cut))))
    })
}

/// The same, without a future or a panic guard for each.
fn drain<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<Drained<S>>> {
    let mut handled = 0;
    loop {
        if handled % PER_UNIT == 0 {
            std::task::ready!(rt::poll_proceed(cx)).made_progress();
        }
        handled += 1;
        // What the server has asked for itself comes first.
        let asked = turn.life().ctx.as_ref().is_none_or(|ctx| ctx.asked);
        let letter = if asked { None } else { turn.next_letter() };
        let message = match letter {
            Some(letter) => {
                let message = take_up(turn, letter);
                turn.free_permit();
                message
            }
            None if turn.is_done() && turn.life().is_plain() => return Poll::Ready(None),
            None => match next_step(body, turn) {
                Step::Handle(message) => message,
                Step::Again => continue,
                Step::Wait => return Poll::Pending,
                Step::Leave(leaving) => return Poll::Ready(Some(Drained::Leave(leaving))),
                Step::Rest => {
                    let idle = turn.life().ctx.as_ref().and_then(Context::idle);
                    return Poll::Ready(idle.map(Drained::Idle));
                }
            },
        };
        let Life {
            state: Some(state),
            ctx: Some(ctx),
            trace,
            pace,
            ..
        } = turn.life()
        else {
            return Poll::Ready(None);
        };
        drop(ctx.bell());
        let is_watched = trace.begin(&body.core, &message) || pace.is_some();
        let handled_now = if is_watched {
            handle_watched(body, state, ctx, message, trace, pace.as_deref())
        } else {
            let flow = state.handle_now(message, ctx);
            flow.map(|flow| after(body, ctx, trace, flow))
        };
        if let Err(message) = handled_now {
            return Poll::Ready(Some(Drained::Later(message)));
        }
    }
}

/// A message begins; for a call with its question.
#[inline(always)]
fn take_up<S: GenServer>(turn: &mut ServerTurn<'_, S>, letter: Letter<Incoming<S>>) -> Incoming<S> {
    if let Some(question) = letter.question
        && let Some(ctx) = &mut turn.life().ctx
    {
        ctx.handles(question);
    }
    letter.item
}

/// Hands one message to its method, inside its span, and times it if callers do not run it because it takes long.
#[inline(never)]
fn handle_watched<S: GenServer>(
    body: &ServerBody<S>,
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &mut Trace,
    pace: Option<&Pace>,
) -> Result<(), Incoming<S>> {
    let timed = pace.and_then(|pace| pace.watch(trace.method()));
    let inside = trace.span().map(Span::enter);
    let flow = state.handle_now(message, ctx)?;
    drop(inside);
    if let Some(timed) = timed {
        timed.done();
    }
    after(body, ctx, trace, flow);
    Ok(())
}

/// What one handler has left behind.
#[inline(always)]
fn after<S: GenServer>(body: &ServerBody<S>, ctx: &mut Context<S>, trace: &mut Trace, flow: Flow) {
    trace.end(&body.core);
    if let Flow::Stop(reason) = flow {
        ctx.stop(reason);
    }
    if !ctx.asked || !ctx.is_stopping() {
        trace.survived();
    }
    if let Some(question) = ctx.handled() {
        body.core.keep_question(question);
    }
    // Only now it is known whether the server lives on, and so what a dropped port means.
    body.settle_ports();
}

/// The next thing to do, whatever it is: what the server asked for itself comes first, then control, then what was
/// taken from the queue.
#[inline(never)]
fn next_step<S: GenServer>(body: &Arc<ServerBody<S>>, turn: &mut ServerTurn<'_, S>) -> Step<S> {
    let Some(ctx) = &mut turn.life().ctx else {
        return Step::Rest;
    };
    if ctx.asked {
        if let Some(reason) = ctx.take_stop() {
            return Step::Leave(Leaving::asked(reason));
        }
        if ctx.has_next() {
            return next_continuation(body, turn);
        }
    }
    let found = turn.next();
    let Some(ctx) = &mut turn.life().ctx else {
        return Step::Rest;
    };
    match found {
        Found::Entry(entry) => {
            if std::mem::take(&mut ctx.asked) {
                // Any message ends the idle time; it must be asked for again.
                ctx.end_idle();
            }
            match entry {
                Entry::User(letter) => Step::Handle(take_up(turn, letter)),
                Entry::Note(note) => sort(ctx, note),
            }
        }
        Found::Control => next_control(body, turn),
        Found::Nothing if turn.take_more() => Step::Again,
        Found::Nothing => {
            if let Some(ctx) = &mut turn.life().ctx {
                ctx.forget_no_more();
            }
            Step::Rest
        }
    }
}

/// Before a continuation only the control lane is looked at.
fn next_continuation<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
) -> Step<S> {
    if turn.has_control() {
        let step = next_control(body, turn);
        if !matches!(step, Step::Again) || turn.has_control() {
            return step;
        }
    }
    let ctx = turn.life().ctx.as_mut();
    match ctx.and_then(|ctx| ctx.take_next()) {
        Some(next) => Step::Handle(Incoming::Continue(next)),
        None => Step::Again,
    }
}

/// Does what the control lane says first.
fn next_control<S: GenServer>(body: &Arc<ServerBody<S>>, turn: &mut ServerTurn<'_, S>) -> Step<S> {
    let said = turn.control(|control| {
        let said = control.say();
        let is_left = !matches!(said, Said::Nothing);
        (said, is_left)
    });
    match said {
        Said::Ask(ask) => {
            serve_ask(body, turn.life().state.as_mut(), ask);
            Step::Again
        }
        Said::Leave(reason) => Step::Leave(Leaving::told::<S>(reason)),
        Said::Die(reason) => Step::Leave(Leaving::killed(reason)),
        Said::Nothing => Step::Again,
        Said::Wait => Step::Wait,
    }
}

/// Waits for a message with the turn, because the clock belongs to the task; a message of its own comes when the time
/// is up.
async fn wait<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    time: Duration,
) {
    let clock = Clock::start(&body.core.world, time);
    let late = poll_fn(|cx| {
        if !turn.nap() {
            return Poll::Ready(false);
        }
        clock.poll(cx).map(|()| true)
    })
    .await;
    drop(clock);
    let Some(ctx) = turn.life().ctx.as_mut().filter(|_| late) else {
        return;
    };
    ctx.end_idle();
    if let Some(wrap) = ctx.on_idle() {
        turn.push_front(Entry::Note(Note::Item(Incoming::Info(wrap(IdleTimeout)))));
    }
}

fn serve_ask<S: GenServer>(body: &ServerBody<S>, state: Option<&mut S>, ask: Ask) {
    if let Err(report) = panics::catch(|| ask(state.map(|state| state as &mut dyn Any))) {
        tracing::error!(pid = %body.core.pid, %report, "an inspection panicked");
    }
    body.settle_ports();
}

fn sort<S: GenServer>(ctx: &mut Context<S>, note: Note<Incoming<S>>) -> Step<S> {
    match note {
        Note::Item(item) => Step::Handle(item),
        Note::Timed(timer, item) => {
            timer.taken();
            Step::Handle(item)
        }
        Note::Stop(reason) => Step::Leave(Leaving::asked(reason)),
        Note::Down(down) => {
            if ctx.forgot(down.monitor) {
                return Step::Again;
            }
            match ctx.on_down() {
                Some(wrap) => Step::Handle(Incoming::Info(wrap(*down))),
                None => unhandled(ctx, LetterKind::Down, Content::new(*down)),
            }
        }
        Note::Exit(exit) => match ctx.on_exit() {
            Some(wrap) => Step::Handle(Incoming::Info(wrap(*exit))),
            None => unhandled(ctx, LetterKind::Exit, Content::new(*exit)),
        },
    }
}

fn unhandled<S: GenServer>(ctx: &Context<S>, kind: LetterKind, content: Content) -> Step<S> {
    let core = &ctx.body().core;
    core.bury(kind, Undelivered::Unhandled, content);
    Step::Again
}

/// Hands one message to its method, if that is a plain one; an async one gets it back.
#[inline]
pub(crate) fn handle_now<S: GenServer>(
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &Trace,
) -> Result<Result<Flow, Cut>, Incoming<S>> {
    let _inside = trace.span().map(Span::enter);
    match panics::catch(|| state.handle_now(message, ctx)) {
        Ok(Ok(flow)) => Ok(Ok(flow)),
        Ok(Err(message)) => Err(message),
        Err(report) => Ok(Err(Cut::Panic(ExitReason::Panic(report)))),
    }
}

/// Runs an async method, inside its span at each poll; a reason to leave, if it left one.
async fn handle_later<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    message: Incoming<S>,
) -> Option<Leaving> {
    let Life {
        state: Some(state),
        ctx: Some(ctx),
        trace,
        ..
    } = turn.life()
    else {
        return None;
    };
    let outcome = {
        let (ctx, trace) = (&mut *ctx, &*trace);
        let mut handler = pin!(async move {
            match message {
                Incoming::Call(call) => guard(body, pin!(Some(state.handle_call(call, ctx)))).await,
                Incoming::Cast(cast) => guard(body, pin!(Some(state.handle_cast(cast, ctx)))).await,
                Incoming::Info(info) => guard(body, pin!(Some(state.handle_info(info, ctx)))).await,
                Incoming::Continue(next) => {
                    guard(body, pin!(Some(state.handle_continue(next, ctx)))).await
                }
            }
        });
        poll_fn(|cx| {
            let _inside = trace.span().map(Span::enter);
            handler.as_mut().poll(cx)
        })
        .await
    };
    match outcome {
        Ok(flow) => {
            after(body, ctx, trace, flow);
            None
        }
        Err(cut) => {
            trace.end(&body.core);
            Some(Leaving::cut::<S>(cut))
        }
    }
}
