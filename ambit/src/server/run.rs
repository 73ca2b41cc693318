//! The life of a server: init, one message after the other, terminate.

use std::any::Any;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use tracing::Span;

use crate::engine::mailbox::{Entry, Letter};
use crate::exit_reason::ExitReason;
use crate::process::body::{Body, Next, Note};
use crate::process::clock::Clock;
use crate::process::core::{Ask, Core, Proc};
use crate::process::dead_letter::{Content, LetterKind, Undelivered};
use crate::process::drive::{Cut, guard};
use crate::process::panics;
use crate::process::telemetry::Event;
use crate::rt::{self, Instant};
use crate::server::context::{Context, IdleTimeout, send_held};
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::launch::Begun;

/// How a server leaves its loop.
struct Leaving {
    reason: ExitReason,
    terminate: bool,
}

impl Leaving {
    fn asked(reason: ExitReason) -> Self {
        Self {
            reason,
            terminate: true,
        }
    }

    /// The parent has ended, or a task of the server panicked.
    fn told<S: GenServer>(reason: ExitReason) -> Self {
        let terminate = !matches!(reason, ExitReason::Panic(_)) || S::TERMINATES_AFTER_PANIC;
        Self { reason, terminate }
    }

    /// A fatal signal allows no last words; a panic does, unless the server does not want them.
    fn cut<S: GenServer>(cut: Cut) -> Self {
        let terminate = matches!(cut, Cut::Panic(_)) && S::TERMINATES_AFTER_PANIC;
        Self {
            reason: cut.reason(),
            terminate,
        }
    }
}

/// What is known about the message that is being handled, and which methods handled the last ones.
#[derive(Default)]
struct Trace {
    /// Newest first.
    methods: [&'static str; 3],
    arguments: Option<String>,
    /// What kind of message it is; none between two messages.
    handling: Option<LetterKind>,
    began: Option<Instant>,
    /// Only if anybody looks at spans.
    span: Option<Box<Span>>,
}

impl Trace {
    fn begin<S: GenServer>(&mut self, core: &Core, message: &Incoming<S>) {
        let method = S::method_of(message);
        self.handling = Some(message.kind());
        self.methods = [method, self.methods[0], self.methods[1]];
        if core.world.settings.report_arguments {
            self.arguments = panics::catch(|| S::arguments_of(message)).ok().flatten();
        }
        self.began = core
            .world
            .telemetry
            .is_listening()
            .then(|| core.world.now());
        if tracing::enabled!(tracing::Level::DEBUG) {
            let (server, pid) = (core.type_name, core.pid);
            let span = tracing::debug_span!(parent: None, "handle", server, %pid, method);
            self.span = Some(Box::new(span));
        }
    }

    fn end(&mut self, core: &Core) {
        self.span = None;
        if let Some(began) = self.began.take() {
            let took = core.world.now().saturating_duration_since(began);
            let (pid, type_name, method) = (core.pid, core.type_name, self.methods[0]);
            core.world.telemetry.emit(&Event::Handled {
                pid,
                type_name,
                method,
                took,
            });
        }
    }
}

/// Runs a server from its init to the drop of its state; the exit path does the rest.
pub(crate) async fn serve<S: GenServer>(
    body: Arc<Body<Incoming<S>>>,
    args: S::Args,
    begun: Begun,
) -> ExitReason {
    let mut ctx = Context::new(body.clone());
    let mut state = match guard(&body, pin!(Some(S::init(args, &mut ctx)))).await {
        Ok(Ok(state)) => state,
        Ok(Err(reason)) => return reason,
        Err(cut) => return cut.reason(),
    };
    // A signal that came during the last step was first: the server never began.
    if let Some(reason) = body.fatal() {
        drop_state(&body, state);
        return reason;
    }
    body.core.relations.lock().started = true;
    begun.done();
    let mut trace = Trace::default();
    let leaving = live(&mut state, &mut ctx, &mut trace).await;
    body.core.stopping.store(true, Ordering::Release);
    body.close();
    if !leaving.reason.is_clean() {
        let mut relations = body.core.relations.lock();
        relations.methods = trace
            .methods
            .into_iter()
            .filter(|method| !method.is_empty())
            .collect();
        relations.arguments = trace.arguments;
        if relations.kept.is_some() {
            relations.crashed_in = trace.handling;
        }
    }
    let reason = last_words(&mut state, &mut ctx, leaving).await;
    drop_state(&body, state);
    send_held(&mut ctx);
    reason
}

fn drop_state<S: GenServer>(body: &Body<Incoming<S>>, state: S) {
    if let Err(report) = panics::catch(|| drop(state)) {
        tracing::error!(pid = %body.core.pid, %report, "the drop of a server's state panicked");
    }
}

async fn last_words<S: GenServer>(
    state: &mut S,
    ctx: &mut Context<S>,
    leaving: Leaving,
) -> ExitReason {
    if !leaving.terminate {
        return leaving.reason;
    }
    let body = ctx.body().clone();
    let said = guard(&body, pin!(Some(state.terminate(&leaving.reason, ctx)))).await;
    said.map_or_else(Cut::reason, |()| leaving.reason)
}

async fn live<S: GenServer>(state: &mut S, ctx: &mut Context<S>, trace: &mut Trace) -> Leaving {
    if let Some(reason) = ctx.stop.take() {
        return Leaving::asked(reason);
    }
    loop {
        let step = match ctx.next.get_mut().take() {
            Some(next) => match next_control(ctx, state).await {
                Some(leaving) => return leaving,
                None => Step::Handle(Letter {
                    item: Incoming::Continue(next),
                    question: None,
                }),
            },
            None => next_step(ctx, state).await,
        };
        let letter = match step {
            Step::Handle(letter) => letter,
            Step::Again => continue,
            Step::Leave(leaving) => return leaving,
        };
        ctx.deadline = letter
            .question
            .as_ref()
            .and_then(|question| question.deadline());
        trace.begin(&ctx.body().core, &letter.item);
        let outcome = match handle_now(state, ctx, letter.item, trace) {
            Ok(outcome) => outcome,
            Err(message) => handle_later(state, ctx, message, trace).await,
        };
        trace.end(&ctx.body().core);
        match outcome {
            Ok(Flow::Continue) if ctx.stop.is_none() => trace.handling = None,
            Ok(Flow::Continue) => {}
            Ok(Flow::Stop(reason)) => ctx.stop(reason),
            Err(cut) => return Leaving::cut::<S>(cut),
        }
        // Only now it is known whether the server lives on, and so what a dropped port means.
        ctx.body().settle_ports();
        if let Some(reason) = ctx.stop.take() {
            return Leaving::asked(reason);
        }
    }
}

/// What the loop does next.
enum Step<S: GenServer> {
    Handle(Letter<Incoming<S>>),
    Again,
    Leave(Leaving),
}

/// Before a continuation only the control lane is looked at.
async fn next_control<S: GenServer>(ctx: &mut Context<S>, state: &mut S) -> Option<Leaving> {
    loop {
        let body = ctx.body();
        let next = poll_fn(|cx| match body.poll_next(cx, |_| false) {
            Poll::Ready(next) => Poll::Ready(Some(next)),
            // Pending with nothing to look at: unless it is suspended, the continuation goes on. It spends budget like
            // a message; with none left nothing was looked at, and a chain of them has to let go of its thread.
            Poll::Pending if body.is_suspended() => Poll::Pending,
            Poll::Pending => rt::poll_proceed(cx).map(|coop| {
                coop.made_progress();
                None
            }),
        })
        .await;
        if let Step::Leave(leaving) = obey(ctx, state, next?) {
            return Some(leaving);
        }
    }
}

/// Does what the control lane says; a message is left to its method.
fn obey<S: GenServer>(ctx: &mut Context<S>, state: &mut S, next: Next<Incoming<S>>) -> Step<S> {
    match next {
        Next::Ask(ask) => {
            serve_ask(ctx.body(), state, ask);
            Step::Again
        }
        Next::Leave(reason) => Step::Leave(Leaving::told::<S>(reason)),
        Next::Fatal(reason) => Step::Leave(Leaving {
            reason,
            terminate: false,
        }),
        Next::Entry(entry) => {
            // Any message ends the idle time; it must be asked for again.
            ctx.idle = None;
            sort(ctx, entry)
        }
    }
}

fn serve_ask<S: GenServer>(body: &Body<Incoming<S>>, state: &mut S, ask: Ask) {
    if let Err(report) = panics::catch(|| ask(Some(state as &mut dyn Any))) {
        tracing::error!(pid = %body.core.pid, %report, "an inspection panicked");
    }
    body.settle_ports();
}

async fn next_step<S: GenServer>(ctx: &mut Context<S>, state: &mut S) -> Step<S> {
    let idle = ctx
        .idle
        .map(|after| Clock::start(&ctx.body().core.world, after));
    let body = ctx.body();
    let next = poll_fn(|cx| match body.poll_next(cx, |_| true) {
        Poll::Ready(next) => Poll::Ready(Some(next)),
        Poll::Pending => match &idle {
            Some(idle) => idle.poll(cx).map(|()| None),
            None => Poll::Pending,
        },
    })
    .await;
    drop(idle);
    let Some(next) = next else {
        ctx.idle = None;
        return match ctx.on_idle {
            Some(wrap) => info(wrap(IdleTimeout)),
            None => Step::Again,
        };
    };
    obey(ctx, state, next)
}

fn info<S: GenServer>(info: S::Info) -> Step<S> {
    Step::Handle(Letter {
        item: Incoming::Info(info),
        question: None,
    })
}

fn sort<S: GenServer>(ctx: &Context<S>, entry: Entry<Incoming<S>, Note<Incoming<S>>>) -> Step<S> {
    let core = &ctx.body().core;
    match entry {
        Entry::User(letter) => Step::Handle(letter),
        Entry::Note(Note::Item(item) | Note::Timed(_, item)) => Step::Handle(Letter {
            item,
            question: None,
        }),
        Entry::Note(Note::Stop(reason)) => Step::Leave(Leaving::asked(reason)),
        Entry::Note(Note::Down(down)) => match ctx.on_down {
            Some(wrap) => info(wrap(down)),
            None => {
                core.bury(LetterKind::Down, Undelivered::Unhandled, Content::new(down));
                Step::Again
            }
        },
        Entry::Note(Note::Exit(exit)) => match ctx.on_exit {
            Some(wrap) => info(wrap(exit)),
            None => {
                core.bury(LetterKind::Exit, Undelivered::Unhandled, Content::new(exit));
                Step::Again
            }
        },
    }
}

/// Hands one message to its method, if that is a plain one; an async one gets it back.
fn handle_now<S: GenServer>(
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &Trace,
) -> Result<Result<Flow, Cut>, Incoming<S>> {
    let _inside = trace.span.as_deref().map(Span::enter);
    match panics::catch(|| state.handle_now(message, ctx)) {
        Ok(Ok(flow)) => Ok(Ok(flow)),
        Ok(Err(message)) => Err(message),
        Err(report) => Ok(Err(Cut::Panic(ExitReason::Panic(report)))),
    }
}

/// Runs an async method, inside its span at each poll.
async fn handle_later<S: GenServer>(
    state: &mut S,
    ctx: &mut Context<S>,
    message: Incoming<S>,
    trace: &Trace,
) -> Result<Flow, Cut> {
    let body = ctx.body().clone();
    let mut handler = pin!(async {
        match message {
            Incoming::Call(call) => guard(&body, pin!(Some(state.handle_call(call, ctx)))).await,
            Incoming::Cast(cast) => guard(&body, pin!(Some(state.handle_cast(cast, ctx)))).await,
            Incoming::Info(info) => guard(&body, pin!(Some(state.handle_info(info, ctx)))).await,
            Incoming::Continue(next) => {
                guard(&body, pin!(Some(state.handle_continue(next, ctx)))).await
            }
        }
    });
    poll_fn(|cx| {
        let _inside = trace.span.as_deref().map(Span::enter);
        handler.as_mut().poll(cx)
    })
    .await
}
