//! The task of a server: init, one message after the other, terminate.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{self, Poll};

use tracing::Span;

use crate::engine::cell::{Called, Found};
use crate::engine::mailbox::{Entry, Letter};
use crate::exit_reason::ExitReason;
use crate::process::body::{Body, Live, Next, Note, Running};
use crate::process::clock::Clock;
use crate::process::core::{Ask, Proc};
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::drive::{Cut, guard};
use crate::process::panics;
use crate::rt;
use crate::server::context::{Context, Deadline, IdleTimeout, send_held};
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::launch::Begun;
use crate::server::life::{Leaving, Life, ServerBody, Trace};

/// The turn of a server.
pub(crate) type ServerTurn<'a, S> = Running<'a, Incoming<S>, Life<S>>;

/// Runs a server for as long as there is work: from its init, or from where it rested. The reason of its end; none if
/// it has been idle for long and lives on without a task.
pub(crate) async fn serve<S: GenServer>(
    body: Arc<ServerBody<S>>,
    mut birth: Option<(S::Args, Begun)>,
) -> Option<ExitReason> {
    loop {
        let called = poll_fn(|cx| body.cell.poll_called(cx)).await;
        let Called::Turn(mut turn) = called else {
            return None;
        };
        if let Some((args, begun)) = birth.take() {
            if let Err(reason) = begin(&body, &mut turn, args).await {
                return Some(reason);
            }
            begun.done();
        }
        if let Some(leaving) = live(&body, &mut turn).await {
            return Some(leave(&body, &mut turn, leaving).await);
        }
        if let Err(turn) = turn.park() {
            // Something came in this moment: the turn is granted again when it is dropped.
            drop(turn);
        }
    }
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

/// What the loop does next.
enum Step<S: GenServer> {
    Handle(Letter<Incoming<S>>),
    Again,
    Leave(Leaving),
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
        let is_drained = turn.is_drained();
        let ctx = turn.life().ctx.as_mut()?;
        if let Some(reason) = ctx.stop.take() {
            return Some(Leaving::asked(reason));
        }
        if is_drained {
            ctx.forget_no_more();
        }
        let step = match ctx.next.get_mut().take() {
            Some(next) => match next_control(body, turn).await {
                Some(leaving) => return Some(leaving),
                None => Step::Handle(Letter {
                    item: Incoming::Continue(next),
                    question: None,
                }),
            },
            None => next_step(body, turn).await,
        };
        match step {
            Step::Handle(letter) => {
                if let Some(leaving) = handle(body, turn, letter).await {
                    return Some(leaving);
                }
            }
            Step::Again => {}
            Step::Leave(leaving) => return Some(leaving),
            Step::Rest => return None,
        }
    }
}

/// What the control lane says.
enum Said<M> {
    Do(Next<M>),
    /// It is suspended: only control goes on.
    Wait,
    Nothing,
}

fn look_at_control<S: GenServer>(turn: &mut ServerTurn<'_, S>) -> Said<Incoming<S>> {
    turn.control(|control| {
        if let Some(reason) = &control.fatal {
            return (Said::Do(Next::Fatal(reason.clone())), true);
        }
        if control.hung {
            return (Said::Wait, true);
        }
        if let Some(ask) = control.asks.pop_front() {
            return (Said::Do(Next::Ask(ask)), true);
        }
        if let Some(reason) = control.leave.take() {
            return (Said::Do(Next::Leave(reason)), true);
        }
        let said = if control.suspended { Said::Wait } else { Said::Nothing };
        (said, control.suspended)
    })
}

/// The next thing to do; `None` if there is nothing.
fn poll_next<S: GenServer>(
    turn: &mut ServerTurn<'_, S>,
    cx: &mut task::Context<'_>,
) -> Poll<Option<Next<Incoming<S>>>> {
    let coop = std::task::ready!(rt::poll_proceed(cx));
    let next = loop {
        match turn.next() {
            Found::Entry(entry) => {
                Body::<_, Life<S>>::begun(&entry);
                break Next::Entry(entry);
            }
            Found::Nothing => return Poll::Ready(None),
            Found::Control => match look_at_control::<S>(turn) {
                Said::Do(next) => break next,
                Said::Wait => return Poll::Pending,
                Said::Nothing => {}
            },
        }
    };
    coop.made_progress();
    Poll::Ready(Some(next))
}

/// Before a continuation only the control lane is looked at.
async fn next_control<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
) -> Option<Leaving> {
    loop {
        // It spends budget like a message: a chain of continuations has to let go of its thread.
        let next = poll_fn(|cx| {
            let coop = std::task::ready!(rt::poll_proceed(cx));
            let said = if turn.has_control() {
                look_at_control::<S>(turn)
            } else {
                Said::Nothing
            };
            let next = match said {
                Said::Do(next) => Some(next),
                Said::Wait => return Poll::Pending,
                Said::Nothing => None,
            };
            coop.made_progress();
            Poll::Ready(next)
        })
        .await;
        if let Step::Leave(leaving) = obey(body, turn, next?) {
            return Some(leaving);
        }
    }
}

async fn next_step<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
) -> Step<S> {
    let idle = turn.life().ctx.as_ref().and_then(|ctx| ctx.idle);
    let Some(after) = idle else {
        return match poll_fn(|cx| poll_next::<S>(turn, cx)).await {
            Some(next) => obey(body, turn, next),
            None => Step::Rest,
        };
    };
    // The clock belongs to the task, so the task keeps the turn while it waits.
    let clock = Clock::start(&body.core.world, after);
    let next = poll_fn(|cx| {
        loop {
            if let Some(next) = std::task::ready!(poll_next::<S>(turn, cx)) {
                return Poll::Ready(Some(next));
            }
            if turn.nap() {
                return clock.poll(cx).map(|()| None);
            }
        }
    })
    .await;
    drop(clock);
    match (next, turn.life().ctx.as_mut()) {
        (Some(next), _) => obey(body, turn, next),
        (None, Some(ctx)) => {
            ctx.idle = None;
            ctx.on_idle.map_or(Step::Again, |wrap| info(wrap(IdleTimeout)))
        }
        (None, None) => Step::Again,
    }
}

/// Does what the control lane says; a message is left to its method.
fn obey<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    next: Next<Incoming<S>>,
) -> Step<S> {
    let life = turn.life();
    match next {
        Next::Ask(ask) => {
            serve_ask(body, life.state.as_mut(), ask);
            Step::Again
        }
        Next::Leave(reason) => Step::Leave(Leaving::told::<S>(reason)),
        Next::Fatal(reason) => Step::Leave(Leaving::killed(reason)),
        Next::Entry(entry) => {
            let Some(ctx) = &mut life.ctx else {
                return Step::Again;
            };
            // Any message ends the idle time; it must be asked for again.
            ctx.idle = None;
            sort(ctx, entry)
        }
    }
}

fn serve_ask<S: GenServer>(body: &ServerBody<S>, state: Option<&mut S>, ask: Ask) {
    if let Err(report) = panics::catch(|| ask(state.map(|state| state as &mut dyn Any))) {
        tracing::error!(pid = %body.core.pid, %report, "an inspection panicked");
    }
    body.settle_ports();
}

fn info<S: GenServer>(info: S::Info) -> Step<S> {
    Step::Handle(Letter {
        item: Incoming::Info(info),
        question: None,
    })
}

fn sort<S: GenServer>(
    ctx: &mut Context<S>,
    entry: Entry<Incoming<S>, Note<Incoming<S>>>,
) -> Step<S> {
    match entry {
        Entry::User(letter) => Step::Handle(letter),
        Entry::Note(Note::Item(item) | Note::Timed(_, item)) => Step::Handle(Letter {
            item,
            question: None,
        }),
        Entry::Note(Note::Stop(reason)) => Step::Leave(Leaving::asked(reason)),
        Entry::Note(Note::Down(down)) => {
            if ctx.forgot(down.monitor) {
                return Step::Again;
            }
            match ctx.on_down {
                Some(wrap) => info(wrap(down)),
                None => unhandled(ctx, LetterKind::Down, Content::new(down)),
            }
        }
        Entry::Note(Note::Exit(exit)) => match ctx.on_exit {
            Some(wrap) => info(wrap(exit)),
            None => unhandled(ctx, LetterKind::Exit, Content::new(exit)),
        },
    }
}

fn unhandled<S: GenServer>(ctx: &Context<S>, kind: LetterKind, content: Content) -> Step<S> {
    let core = &ctx.body().core;
    core.bury(kind, Undelivered::Unhandled, content);
    Step::Again
}

/// Lets the method of a message run, whatever it is; a reason to leave, if it left one.
async fn handle<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    turn: &mut ServerTurn<'_, S>,
    letter: Letter<Incoming<S>>,
) -> Option<Leaving> {
    let Life {
        state: Some(state),
        ctx: Some(ctx),
        trace,
        pace,
        ..
    } = turn.life()
    else {
        return None;
    };
    let deadline = letter.question.as_ref().and_then(|q| q.deadline());
    *ctx.deadline.get_mut() = deadline.map(Deadline::At);
    trace.begin(&body.core, &letter.item);
    let timed = pace.as_ref().and_then(|pace| pace.watch(trace.method()));
    let outcome = match handle_now(state, ctx, letter.item, trace) {
        Ok(outcome) => outcome,
        Err(message) => handle_later(body, state, ctx, message, trace).await,
    };
    if let Some(timed) = timed {
        timed.done();
    }
    trace.end(&body.core);
    match outcome {
        Ok(Flow::Continue) if ctx.stop.is_none() => trace.survived(),
        Ok(Flow::Continue) => {}
        Ok(Flow::Stop(reason)) => ctx.stop(reason),
        Err(cut) => return Some(Leaving::cut::<S>(cut)),
    }
    // Only now it is known whether the server lives on, and so what a dropped port means.
    body.settle_ports();
    None
}

/// Hands one message to its method, if that is a plain one; an async one gets it back.
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

/// Runs an async method, inside its span at each poll.
async fn handle_later<S: GenServer>(
    body: &Arc<ServerBody<S>>,
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &Trace,
) -> Result<Flow, Cut> {
    let mut handler = pin!(async {
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
}
