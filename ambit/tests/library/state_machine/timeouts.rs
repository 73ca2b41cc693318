//! Named timeouts, event timeouts, and the operations that set, replace and cancel them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;
use ambit::test::{dead_letters, expect_crash, settle};

use super::SECOND;
use crate::support::log::Log;

struct Clock {
    log: Log,
}

#[state_machine(states = [Day, Night])]
impl Clock {
    #[init]
    fn new(log: Log) -> Self {
        Self { log }
    }

    #[cast(Day => Night, Night => Day)]
    fn turn(&mut self) {}

    #[cast]
    fn alarm(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        ctx.timeout(ClockTimeout::Ring, seconds * SECOND);
    }

    #[cast]
    fn wait(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        ctx.event_timeout(seconds * SECOND);
    }

    #[cast]
    fn stay(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        ctx.state_timeout(seconds * SECOND);
    }

    /// Sets the state timeout of the next state, in the previous one.
    #[cast(Day => Night, Night => ignore)]
    fn nap(&mut self, ctx: &mut Context<Self>, seconds: u32) {
        ctx.state_timeout(seconds * SECOND);
    }

    #[cast]
    fn forget(&mut self, ctx: &mut Context<Self>) {
        ctx.cancel_timeout(ClockTimeout::Ring);
        ctx.cancel_state_timeout();
        ctx.cancel_event_timeout();
    }

    #[cast]
    fn nothing(&mut self) {}

    #[timeout]
    fn ring(&mut self, ctx: &mut Context<Self>) {
        self.log.add(format!("ring at {:?}", ctx.state()));
    }

    #[timeout(Day => Night, Night => ignore)]
    fn dusk(&mut self) {}

    #[event_timeout]
    fn quiet(&mut self) {
        self.log.add("quiet");
    }

    #[state_timeout(Day => Night, Night => Day)]
    fn over(&mut self, ctx: &mut Context<Self>) {
        self.log.add(format!("{:?} is over", ctx.state()));
    }
}

async fn clock() -> (Log, ClockSubject) {
    let log = Log::new();
    let clock = Clock::start(log.clone()).await.unwrap();
    (log, clock)
}

async fn after(seconds: u32) {
    tokio::time::sleep(seconds * SECOND + SECOND / 2).await;
}

#[ambit::test]
async fn x24_a_named_timeout_outlives_its_state() {
    let (log, clock) = clock().await;
    clock.alarm(10).await.unwrap();
    after(4).await;
    clock.turn().await.unwrap();
    after(6).await;
    assert_eq!(log.take(), ["ring at Night"]);
    after(60).await;
    assert!(log.is_empty(), "it fires once");
}

#[ambit::test]
async fn x24_a_named_timeout_is_replaced_and_cancelled() {
    let (log, clock) = clock().await;
    clock.alarm(5).await.unwrap();
    clock.alarm(20).await.unwrap();
    after(10).await;
    assert!(log.is_empty(), "the new one takes the place of the old one");
    after(10).await;
    assert_eq!(log.take(), ["ring at Day"]);
    clock.alarm(5).await.unwrap();
    clock.forget().await.unwrap();
    after(10).await;
    assert!(log.is_empty());
}

#[ambit::test]
async fn x24_any_event_cancels_an_event_timeout() {
    let (log, clock) = clock().await;
    clock.wait(5).await.unwrap();
    after(3).await;
    clock.nothing().await.unwrap();
    after(20).await;
    assert!(log.is_empty(), "an event came");
    clock.alarm(3).await.unwrap();
    clock.wait(5).await.unwrap();
    after(20).await;
    assert_eq!(log.take(), ["ring at Day"], "a timeout is an event as well");
    clock.wait(5).await.unwrap();
    after(6).await;
    assert_eq!(log.take(), ["quiet"]);
}

#[ambit::test]
async fn x24_an_event_timeout_of_no_time_waits_for_nothing_from_outside() {
    let (log, clock) = clock().await;
    clock.wait(0).await.unwrap();
    clock.alarm(0).await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["quiet", "ring at Day"]);
}

#[ambit::test]
async fn x23_a_new_state_timeout_replaces_the_old_one() {
    let (log, clock) = clock().await;
    clock.stay(5).await.unwrap();
    clock.stay(20).await.unwrap();
    after(10).await;
    assert!(log.is_empty());
    after(10).await;
    assert_eq!(log.take(), ["Day is over"]);
    clock.stay(5).await.unwrap();
    clock.forget().await.unwrap();
    after(20).await;
    assert!(log.is_empty(), "it was cancelled");
}

#[ambit::test]
async fn x23_a_timeout_set_on_the_way_counts_for_the_next_state() {
    let (log, clock) = clock().await;
    clock.stay(3).await.unwrap();
    clock.nap(5).await.unwrap();
    after(4).await;
    assert!(log.is_empty(), "that of the day has ended with it");
    after(1).await;
    assert_eq!(log.take(), ["Night is over"]);
}

#[ambit::test]
async fn timeouts_end_with_their_machine() {
    let (log, clock) = clock().await;
    clock.alarm(3).await.unwrap();
    clock.stay(3).await.unwrap();
    clock.wait(3).await.unwrap();
    clock.stop().await.unwrap();
    after(10).await;
    assert!(log.is_empty());
}

/// Sends itself one internal event after another, without end.
struct Restless {
    rounds: Arc<AtomicU64>,
}

#[state_machine(states = [Running])]
impl Restless {
    #[enter]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.next_event(RestlessInternal::Again);
    }

    #[internal]
    fn again(&mut self, ctx: &mut Context<Self>) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
        ctx.next_event(RestlessInternal::Again);
    }
}

#[ambit::test]
async fn a_machine_that_is_never_done_can_be_stopped() {
    let rounds = Arc::<AtomicU64>::default();
    let own = rounds.clone();
    let restless = Restless { rounds: own }.start().await.unwrap();
    let end = restless.monitor();
    while rounds.load(Ordering::Relaxed) < 10 {
        tokio::task::yield_now().await;
    }
    expect_crash(&restless);
    ambit::exit(&restless, ExitReason::Kill);
    assert_eq!(end.await.reason, ExitReason::Killed);
}

/// Its state timeout has a method in one state only.
struct Half;

#[state_machine(states = [Here, There])]
impl Half {
    #[cast(Here => There, There => stay)]
    fn go(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(SECOND);
    }

    #[state_timeout(Here => There)]
    fn over(&mut self) {}
}

#[ambit::test]
async fn a_timeout_without_a_method_is_a_dead_letter() {
    let half = Half.start().await.unwrap();
    half.go().await.unwrap();
    after(2).await;
    assert_eq!(dead_letters().len(), 1);
    assert!(half.is_alive());
}
