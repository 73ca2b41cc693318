//! The cases, by area, and their shared helpers.

use std::future::pending;
use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Pending;
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::case::Case;

mod children;
mod cluster;
mod dynamic_children;
mod groups;
mod inbox;
mod links;
mod machines;
mod mailbox;
mod monitors;
mod names;
mod nodes;
mod observers;
mod pools;
mod registry;
mod replies;
mod systems;
mod tables;
mod tasks;
mod timers;
mod topics;

/// Returns all cases.
pub(crate) fn all() -> Vec<Case> {
    [
        mailbox::all(),
        replies::all(),
        observers::all(),
        links::all(),
        monitors::all(),
        timers::all(),
        names::all(),
        registry::all(),
        groups::all(),
        topics::all(),
        tables::all(),
        children::all(),
        dynamic_children::all(),
        tasks::all(),
        pools::all(),
        inbox::all(),
        machines::all(),
        systems::all(),
        nodes::all(),
        cluster::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A closure that a script runs in its own process.
pub(crate) type Job = Box<dyn FnOnce(&mut Script, &mut Context<Script>) + Send>;

/// The message of a timer.
#[derive(Clone)]
pub(crate) struct Tick;

/// A server that runs the closures of a case. It is always called through its queue.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) kept: Kept,
    /// The number of casts, ticks, `Down`s and `Exit`s that have arrived.
    pub(crate) seen: u64,
}

/// Calls without a reply so far.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Vec<Option<ReplyTo<u64>>>);

impl Clone for Kept {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[gen_server(in_place = never)]
impl Script {
    #[init]
    pub(crate) fn init() -> Self {
        Self::default()
    }

    #[call]
    pub(crate) fn get(&self) -> u64 {
        self.seen
    }

    #[call(deferred)]
    pub(crate) fn ask(&mut self, reply: ReplyTo<u64>) {
        self.kept.0.push(Some(reply));
    }

    #[call]
    pub(crate) fn run(&mut self, ctx: &mut Context<Self>, job: Job) {
        job(self, ctx);
    }

    #[call]
    pub(crate) async fn hold(&mut self, holds: Sender<()>, until: Receiver<()>) {
        holds.send(()).ok();
        until.await.ok();
    }

    #[cast]
    pub(crate) fn note(&mut self) {
        self.seen += 1;
    }

    #[info]
    fn on_tick(&mut self, _: Tick) {
        self.seen += 1;
    }

    #[info]
    fn on_stream_end(&mut self, _: ambit::server::StreamEnd) {}

    #[info]
    fn on_down(&mut self, _: Down) {
        self.seen += 1;
    }

    #[info]
    fn on_exit(&mut self, _: Exit) {
        self.seen += 1;
    }
}

/// Starts a script with this mailbox capacity.
pub(crate) async fn script(mailbox: usize) -> ScriptSubject {
    let started = Script::start().mailbox(mailbox).await;
    started.expect("a script starts")
}

/// Runs a closure in the process of a script.
pub(crate) async fn within(
    script: &ScriptSubject,
    job: impl FnOnce(&mut Script, &mut Context<Script>) + Send + 'static,
) {
    let done = script.run(Box::new(job)).no_timeout().await;
    done.expect("a script does its job");
}

/// A script that handles nothing until it is released.
pub(crate) struct Held {
    release: Sender<()>,
    held: Pending<()>,
}

impl Held {
    pub(crate) async fn new(script: &ScriptSubject) -> Self {
        let (holds, held_now) = oneshot::channel();
        let (release, until) = oneshot::channel();
        let held = script.hold(holds, until).no_timeout().send();
        held_now.await.expect("the script is held");
        Self { release, held }
    }

    pub(crate) async fn release(self) {
        self.release.send(()).expect("the script is held");
        self.held.await.expect("the script goes on");
    }
}

/// Spawns `n` idle processes.
pub(crate) fn idle(n: usize) -> Vec<Subject<()>> {
    let one = |_| ambit::spawn(|_: Inbox<()>| pending::<()>());
    (0..n).map(one).collect()
}

/// Kills a process, and waits for its end.
pub(crate) async fn end(process: &Process) {
    let closed = process.closed();
    ambit::exit(process, ExitReason::Kill);
    closed.await;
}

/// Yields to all other tasks `n` times.
pub(crate) async fn turns(n: usize) {
    for _ in 0..n {
        tokio::task::yield_now().await;
    }
}

/// Polls a future once, without registering for a wake-up.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Task::from_waker(Waker::noop()))
}

/// Returns the numbers below `n` in a pseudo-random order, the same each time.
pub(crate) fn shuffled(n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..n).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        order.swap(last, (state >> 33) as usize % (last + 1));
    }
    order
}

/// The orders in which values are dropped.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    Forward,
    Backward,
    Random,
}

impl Order {
    pub(crate) fn of(self, n: usize) -> Vec<usize> {
        match self {
            Self::Forward => (0..n).collect(),
            Self::Backward => (0..n).rev().collect(),
            Self::Random => shuffled(n),
        }
    }

    /// Drops all values in this order.
    pub(crate) fn drop<T>(self, all: Vec<T>) {
        let mut all: Vec<Option<T>> = all.into_iter().map(Some).collect();
        for index in self.of(all.len()) {
            drop(all[index].take());
        }
    }
}
