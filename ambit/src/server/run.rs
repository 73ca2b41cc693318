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
        begun.done();
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
    loop {
        let called = poll_fn(|cx| body.cell.poll_called(cx, true)).await;
        let Called::Turn(mut turn) = called else {
            return None;
        };
        let watch = loop {
            if let Some(leaving) = live(&body, &mut turn).await {
                return Some(leave(&body, &mut turn, leaving).await);
            }
            match turn.park() {
                Ok(watch) => break watch,
                Err(busy) => turn = busy,
            }
        };
        if watch && !current::is_in_place() {
            rest::watch(&body.core.world, body.core.pid);
        }
        // The cell knows this task: what comes now wakes it.
        rest::for_a_wake_up().await;
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
    body.core.relations.lock().started = true;
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

/// Why a row of plain messages came to its end.
enum Drained<S: GenServer> {
    /// This one has an async method.
    Later(Incoming<S>),
    Leave(Leaving),
    /// Nothing is left, and it waits so long for something to come.
    Idle(Duration),
    /// Nothing is left.
    Rest,
}

/// Handles messages until there are none, or the server is to end.
async fn live<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
) -> Option<Leaving> {
    if let Some(leaving) = turn.life().leaving.take() {
        return Some(leaving);
    }
    loop {
        let leaving = match poll_fn(|cx| drain_safely(body, turn, cx)).await {
            Drained::Later(message) => handle_later(body, turn, message).await,
            Drained::Idle(time) => {
                wait(body, turn, time).await;
                None
            }
            Drained::Leave(leaving) => Some(leaving),
            Drained::Rest => return None,
        };
        if leaving.is_some() {
            return leaving;
        }
    }
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

/// Handles plain messages one after the other; the one that panics is the last.
fn drain_safely<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Drained<S>> {
    panics::catch(|| drain(body, turn, cx)).unwrap_or_else(|report| {
        turn.life().trace.end(&body.core);
        let cut = Cut::Panic(ExitReason::Panic(report));
        Poll::Ready(Drained::Leave(Leaving::cut::<S>(cut)))
    })
}

/// The same, without a future or a panic guard for each.
fn drain<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Drained<S>> {
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
            Some(letter) => take_up(turn, letter),
            None => match next_step(body, turn) {
                Step::Handle(message) => message,
                Step::Again => continue,
                Step::Wait => return Poll::Pending,
                Step::Leave(leaving) => return Poll::Ready(Drained::Leave(leaving)),
                Step::Rest => {
                    let idle = turn.life().ctx.as_ref().and_then(Context::idle);
                    return Poll::Ready(idle.map_or(Drained::Rest, Drained::Idle));
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
            return Poll::Ready(Drained::Rest);
        };
        let is_watched = trace.begin(&body.core, &message) || pace.is_some();
        let handled_now = if is_watched {
            handle_watched(state, ctx, message, trace, pace.as_deref())
        } else {
            state.handle_now(message, ctx)
        };
        match handled_now {
            Ok(flow) => after(body, ctx, trace, flow),
            Err(message) => return Poll::Ready(Drained::Later(message)),
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
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &Trace,
    pace: Option<&Pace>,
) -> Result<Flow, Incoming<S>> {
    let timed = pace.and_then(|pace| pace.watch(trace.method()));
    let _inside = trace.span().map(Span::enter);
    let flow = state.handle_now(message, ctx)?;
    if let Some(timed) = timed {
        timed.done();
    }
    Ok(flow)
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
        Found::Nothing if ctx.is_plain() => Step::Rest,
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
