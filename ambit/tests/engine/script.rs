//! A server whose messages are closures, in two kinds: one whose handlers may run inline, and one whose handlers never
//! do.

use ambit::server::Protocol;
use std::cell::Cell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task;
use std::time::{Duration, Instant};

use ambit::prelude::*;
use ambit::server::{InPlace, Incoming, ServerOptions};
use tokio::runtime::Handle;

pub(crate) use crate::support::log::Log;

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Now<const W: bool> = Box<dyn FnOnce(&mut Script<W>, &mut Context<Script<W>>) -> Flow + Send>;
type Later<const W: bool> = Box<
    dyn for<'a> FnOnce(&'a mut Script<W>, &'a mut Context<Script<W>>) -> BoxFuture<'a, Flow> + Send,
>;

/// A message that carries its own handler: a plain one, or an async one.
pub(crate) enum Job<const W: bool> {
    Now(Now<W>),
    Later(Later<W>),
}

/// `IN_PLACE` says whether callers run its plain handlers inline.
pub(crate) struct Script<const IN_PLACE: bool> {
    pub(crate) log: Log,
    pub(crate) value: u64,
    pub(crate) kept: Vec<ReplyTo<u64>>,
}

pub(crate) enum Info {
    Down(Down),
    Exit(Exit),
    Idle,
}

impl<const W: bool> Protocol for Script<W> {
    type Call = Job<W>;
    type Cast = Job<W>;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Script";
}

impl<const W: bool> Handles<Down> for Script<W> {
    fn into_info(down: Down) -> Info {
        Info::Down(down)
    }
}

impl<const W: bool> Handles<Exit> for Script<W> {
    fn into_info(exit: Exit) -> Info {
        Info::Exit(exit)
    }
}

impl<const W: bool> Handles<IdleTimeout> for Script<W> {
    fn into_info(_: IdleTimeout) -> Info {
        Info::Idle
    }
}

impl<const W: bool> GenServer for Script<W> {
    type Protocol = Self;
    type Args = Log;
    type Info = Info;
    type Continue = Job<W>;
    const OPTIONS: ServerOptions =
        ServerOptions::DEFAULT.in_place(if W { InPlace::Always } else { InPlace::Never });

    async fn init(log: Log, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        let kept = Vec::new();
        Ok(Self {
            log,
            value: 0,
            kept,
        })
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(Job::Now(job))
            | Incoming::Cast(Job::Now(job))
            | Incoming::Continue(Job::Now(job)) => Ok(job(self, ctx)),
            Incoming::Info(info) => {
                match info {
                    Info::Down(down) => self.log.add(format_args!("down: {}", down.reason)),
                    Info::Exit(exit) => self.log.add(format_args!("exit: {}", exit.reason)),
                    Info::Idle => self.log.add("idle"),
                }
                Ok(Flow::Continue)
            }
            other => Err(other),
        }
    }

    async fn handle_call(&mut self, call: Job<W>, ctx: &mut Context<Self>) -> Flow {
        self.run(call, ctx).await
    }

    async fn handle_cast(&mut self, cast: Job<W>, ctx: &mut Context<Self>) -> Flow {
        self.run(cast, ctx).await
    }

    async fn handle_continue(&mut self, next: Job<W>, ctx: &mut Context<Self>) -> Flow {
        self.run(next, ctx).await
    }

    async fn terminate(&mut self, reason: &ExitReason, _: &mut Context<Self>) {
        self.log.add(format_args!("terminate: {reason}"));
    }

    fn method_of(message: &Incoming<Self>) -> &'static str {
        match message {
            Incoming::Call(Job::Now(_)) => "call",
            Incoming::Call(Job::Later(_)) => "late call",
            Incoming::Cast(_) => "cast",
            Incoming::Info(_) => "info",
            Incoming::Continue(_) => "continue",
        }
    }
}

impl<const W: bool> Script<W> {
    async fn run(&mut self, job: Job<W>, ctx: &mut Context<Self>) -> Flow {
        match job {
            Job::Now(job) => job(self, ctx),
            Job::Later(job) => job(self, ctx).await,
        }
    }
}

impl<const W: bool> Drop for Script<W> {
    fn drop(&mut self) {
        self.log.add("dropped");
    }
}

pub(crate) async fn start<const W: bool>(log: &Log) -> Subject<Script<W>> {
    let starting: ambit::server::Start<Script<W>> = ambit::start(log.clone());
    starting.await.unwrap()
}

/// Runs `what` in the server, and answers with its result.
pub(crate) fn ask<const W: bool, R: Send + 'static>(
    script: &Subject<Script<W>>,
    what: impl FnOnce(&mut Script<W>, &mut Context<Script<W>>) -> R + Send + 'static,
) -> ambit::server::Call<'_, Script<W>, R> {
    script.call(move |reply| {
        Job::Now(Box::new(move |state, ctx| {
            let value = what(state, ctx);
            ctx.answer(reply, value);
            Flow::Continue
        }))
    })
}

/// As `ask`, but the handler gets the reply port and returns the flow.
pub(crate) fn ask_with<const W: bool>(
    script: &Subject<Script<W>>,
    what: impl FnOnce(&mut Script<W>, &mut Context<Script<W>>, ReplyTo<u64>) -> Flow + Send + 'static,
) -> ambit::server::Call<'_, Script<W>, u64> {
    script.call(move |reply| Job::Now(Box::new(move |state, ctx| what(state, ctx, reply))))
}

/// Calls an async handler that suspends `suspends` times, and then adds one to the value.
pub(crate) fn ask_late<const W: bool>(
    script: &Subject<Script<W>>,
    suspends: usize,
) -> ambit::server::Call<'_, Script<W>, u64> {
    script.call(move |reply| {
        Job::Later(Box::new(move |state, ctx| {
            Box::pin(async move {
                for _ in 0..suspends {
                    tokio::task::yield_now().await;
                }
                state.value += 1;
                ctx.answer(reply, state.value);
                Flow::Continue
            })
        }))
    })
}

pub(crate) fn add<const W: bool>(
    script: &Subject<Script<W>>,
    by: u64,
) -> ambit::server::Call<'_, Script<W>, u64> {
    ask(script, move |state, _| {
        state.value += by;
        state.value
    })
}

/// Returns true if callers run the handlers of this kind of server inline; `AMBIT_IN_PLACE` overrides `own`.
pub(crate) fn runs_in_place(own: bool) -> bool {
    match std::env::var("AMBIT_IN_PLACE").as_deref() {
        Ok("always") => true,
        Ok("never") => false,
        _ => own,
    }
}

thread_local! {
    static POLLED_HERE: Cell<bool> = const { Cell::new(false) };
}

/// Awaits `future`; while it is polled, [`is_polled_here`] is true on its thread.
pub(crate) async fn marked<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    std::future::poll_fn(|cx: &mut task::Context<'_>| {
        POLLED_HERE.set(true);
        let polled = future.as_mut().poll(cx);
        POLLED_HERE.set(false);
        polled
    })
    .await
}

/// Returns true on the stack of a future that is [`marked`].
pub(crate) fn is_polled_here() -> bool {
    POLLED_HERE.get()
}

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Generates four tests from one check: with inline and queued handlers, on two threads and on one.
macro_rules! both_ways {
    ($($(#[$doc:meta])* async fn $name:ident<$way:ident>() $body:block)*) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn check<const $way: bool>() $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_place() {
                check::<true>().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn queued() {
                check::<false>().await;
            }

            #[tokio::test]
            async fn inline_on_one_thread() {
                check::<true>().await;
            }

            #[tokio::test]
            async fn queued_on_one_thread() {
                check::<false>().await;
            }
        }
    )*};
}
pub(crate) use both_ways;

/// Waits until the runtime has no more than `tasks` tasks. tokio does not report the end of a task, so this polls.
pub(crate) async fn tasks_at_most(tasks: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Handle::current().metrics().num_alive_tasks() > tasks {
        assert!(
            Instant::now() < deadline,
            "{} tasks instead of {tasks}",
            Handle::current().metrics().num_alive_tasks()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
