//! Shared helpers: code that runs as a process, and a server whose messages are closures.

use ambit::server::Protocol;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Incoming;
use tokio::sync::oneshot;

pub(crate) use crate::support::log::Log;
use crate::support::process::in_process_for_long;
pub(crate) use crate::support::process::{poll_once, quiet};
pub(crate) use crate::support::times::{about, ms};

/// The timeout for events that must happen at once; only failing tests reach it.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Adds a line to a log when it is dropped.
pub(crate) struct OnDrop(pub(crate) Log, pub(crate) &'static str);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.add(self.1);
    }
}

/// Runs `body` as a process and returns its value; a panic in it fails the test.
pub(crate) async fn in_process<F, Fut>(body: F) -> Fut::Output
where
    F: FnOnce(Inbox<u64>) -> Fut + Send + 'static,
    Fut: Future<Output: Send + 'static> + Send + 'static,
{
    in_process_for_long(body).await
}

/// Returns the text of a panic reason.
#[track_caller]
pub(crate) fn panic_text(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => report.message().to_owned(),
        other => panic!("not a panic: {other}"),
    }
}

pub(crate) fn boom() -> ! {
    panic!("boom")
}

/// Polls up to 20 times, and yields in between; returns `None` if the future is still pending.
pub(crate) async fn poll_often<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    for _ in 0..20 {
        if let Poll::Ready(value) = poll_once(future).await {
            return Some(value);
        }
        tokio::task::yield_now().await;
    }
    None
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Now = Box<dyn FnOnce(&mut Script, &mut Context<Script>) -> Flow + Send>;
type Later =
    Box<dyn for<'a> FnOnce(&'a mut Script, &'a mut Context<Script>) -> BoxFuture<'a, Flow> + Send>;
type Init = Box<
    dyn for<'a> FnOnce(&'a mut Context<Script>) -> BoxFuture<'a, Result<u64, ExitReason>> + Send,
>;

/// A message that carries its own handler: a plain one, or an async one.
pub(crate) enum Job {
    Now(Now),
    Later(Later),
}

pub(crate) fn now(
    handler: impl FnOnce(&mut Script, &mut Context<Script>) -> Flow + Send + 'static,
) -> Job {
    Job::Now(Box::new(handler))
}

pub(crate) fn later<F>(handler: F) -> Job
where
    F: for<'a> FnOnce(&'a mut Script, &'a mut Context<Script>) -> BoxFuture<'a, Flow>
        + Send
        + 'static,
{
    Job::Later(Box::new(handler))
}

/// A server implemented by hand, whose calls, casts and continuations are closures. It logs its infos and its end.
pub(crate) struct Script {
    pub(crate) log: Log,
    pub(crate) value: u64,
    pub(crate) kept: Vec<ReplyTo<u64>>,
    pub(crate) any: Vec<Box<dyn std::any::Any + Send>>,
    last: Option<Later>,
}

pub(crate) struct ScriptArgs {
    log: Log,
    init: Init,
    last: Option<Later>,
}

#[derive(Debug)]
pub(crate) enum ScriptInfo {
    Down(Down),
    Exit(Exit),
    Idle,
    Number(u64),
}

impl Protocol for Script {
    type Call = Job;
    type Cast = Job;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Script";
}

impl Handles<Down> for Script {
    fn into_info(down: Down) -> ScriptInfo {
        ScriptInfo::Down(down)
    }
}

impl Handles<Exit> for Script {
    fn into_info(exit: Exit) -> ScriptInfo {
        ScriptInfo::Exit(exit)
    }
}

impl Handles<IdleTimeout> for Script {
    fn into_info(_: IdleTimeout) -> ScriptInfo {
        ScriptInfo::Idle
    }
}

impl Handles<u64> for Script {
    fn into_info(number: u64) -> ScriptInfo {
        ScriptInfo::Number(number)
    }
}

impl GenServer for Script {
    type Protocol = Self;
    type Args = ScriptArgs;
    type Info = ScriptInfo;
    type Continue = Job;

    async fn init(args: ScriptArgs, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let value = (args.init)(ctx).await?;
        Ok(Self {
            log: args.log,
            value,
            kept: Vec::new(),
            any: Vec::new(),
            last: args.last,
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
                    ScriptInfo::Down(down) => self.log.add(format_args!("down: {}", down.reason)),
                    ScriptInfo::Exit(exit) => self.log.add(format_args!("exit: {}", exit.reason)),
                    ScriptInfo::Idle => self.log.add("idle"),
                    ScriptInfo::Number(number) => self.log.add(format_args!("number {number}")),
                }
                Ok(Flow::Continue)
            }
            other => Err(other),
        }
    }

    async fn handle_call(&mut self, call: Job, ctx: &mut Context<Self>) -> Flow {
        self.run(call, ctx).await
    }

    async fn handle_cast(&mut self, cast: Job, ctx: &mut Context<Self>) -> Flow {
        self.run(cast, ctx).await
    }

    async fn handle_continue(&mut self, next: Job, ctx: &mut Context<Self>) -> Flow {
        self.run(next, ctx).await
    }

    async fn terminate(&mut self, reason: &ExitReason, ctx: &mut Context<Self>) {
        self.log.add(format_args!("terminate: {reason}"));
        if let Some(last) = self.last.take() {
            last(self, ctx).await;
        }
    }

    fn method_of(message: &Incoming<Self>) -> &'static str {
        match message {
            Incoming::Call(_) => "call",
            Incoming::Cast(_) => "cast",
            Incoming::Info(_) => "info",
            Incoming::Continue(_) => "continue",
        }
    }

    fn arguments_of(_: &Incoming<Self>) -> Option<String> {
        Some("a job".to_owned())
    }
}

impl Script {
    async fn run(&mut self, job: Job, ctx: &mut Context<Self>) -> Flow {
        match job {
            Job::Now(job) => job(self, ctx),
            Job::Later(job) => job(self, ctx).await,
        }
    }

    /// Returns a start that succeeds, with a terminate that only logs.
    pub(crate) fn start(log: &Log) -> ambit::server::Start<Self> {
        Self::start_with(log, |_| Box::pin(async { Ok(0) }))
    }

    /// Returns a start with a custom init, whose value is the initial state.
    pub(crate) fn start_with<F>(log: &Log, init: F) -> ambit::server::Start<Self>
    where
        F: for<'a> FnOnce(&'a mut Context<Self>) -> BoxFuture<'a, Result<u64, ExitReason>>
            + Send
            + 'static,
    {
        ambit::start(ScriptArgs {
            log: log.clone(),
            init: Box::new(init),
            last: None,
        })
    }

    /// Returns a start with a custom terminate, which runs after the line in the log.
    pub(crate) fn start_and_end_with<F>(log: &Log, last: F) -> ambit::server::Start<Self>
    where
        F: for<'a> FnOnce(&'a mut Self, &'a mut Context<Self>) -> BoxFuture<'a, Flow>
            + Send
            + 'static,
    {
        ambit::start(ScriptArgs {
            log: log.clone(),
            init: Box::new(|_| Box::pin(async { Ok(0) })),
            last: Some(Box::new(last)),
        })
    }
}

/// Returns the value of a script.
pub(crate) async fn value_of(script: &Subject<Script>) -> Result<u64, CallError> {
    script
        .call(|reply| {
            now(move |state, ctx| {
                ctx.answer(reply, state.value);
                Flow::Continue
            })
        })
        .await
}

/// Adds to the value of a script, with a call.
pub(crate) fn add(script: &Subject<Script>, by: u64) -> ambit::server::Call<'_, Script, u64> {
    script.call(move |reply| {
        now(move |state, ctx| {
            state.value += by;
            ctx.answer(reply, state.value);
            Flow::Continue
        })
    })
}

/// Keeps a script busy until the gate opens; returns when its handler has started.
pub(crate) async fn block(script: &Subject<Script>) -> Gate {
    let (began, begun) = oneshot::channel();
    let (gate, opened) = oneshot::channel::<()>();
    let job = later(move |_, _| {
        Box::pin(async move {
            began.send(()).ok();
            drop(opened.await);
            Flow::Continue
        })
    });
    script.send(job).now().unwrap();
    begun.await.unwrap();
    Gate(gate)
}

/// Opens when it is dropped.
pub(crate) struct Gate(#[allow(dead_code)] oneshot::Sender<()>);

impl Gate {
    pub(crate) fn open(self) {}
}
