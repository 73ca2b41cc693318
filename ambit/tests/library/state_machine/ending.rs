//! The end of a state machine: a stop, replies before the exit, and the remaining postponed events.

use ambit::error::CallError;
use ambit::prelude::*;
use ambit::test::{await_restart, dead_letters, expect_crash, settle, start_supervised};

use crate::support::log::Log;

struct Round {
    log: Log,
    waiting: Vec<ReplyTo<&'static str>>,
}

#[state_machine(states = [Open, Closed])]
impl Round {
    #[init]
    fn new(log: Log) -> Self {
        let waiting = Vec::new();
        Self { log, waiting }
    }

    /// Replies when the round is over.
    #[call(Open => stay, Closed => refuse, deferred)]
    fn join(&mut self, reply: ReplyTo<&'static str>) {
        self.waiting.push(reply);
    }

    /// A deferred call that chooses the next state.
    #[call(Open => Closed | stay, Closed => refuse, deferred)]
    fn close(&mut self, really: bool, reply: ReplyTo<bool>) -> RoundCloseTo {
        reply.send(really);
        if really {
            RoundCloseTo::Closed
        } else {
            RoundCloseTo::Stay
        }
    }

    /// Stops, and replies to all waiting calls: the replies leave before the exit is seen.
    #[cast(Open => Closed, Closed => postpone)]
    fn finish(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
        for reply in self.waiting.drain(..) {
            ctx.answer(reply, "over");
        }
        ctx.next_event(RoundInternal::Never);
    }

    #[internal]
    fn never(&mut self) {
        self.log.add("never");
    }

    #[cast(Open => postpone, Closed => stay)]
    fn later(&mut self, number: u32) {
        self.log.add(format!("later {number}"));
    }

    #[cast]
    fn fail(&mut self) {
        panic!("on purpose");
    }

    #[exit]
    fn leaving(&mut self) {
        self.log.add("exit");
    }

    #[enter(Closed)]
    fn closed(&mut self) {
        self.log.add("enter");
    }

    #[terminate]
    fn bye(&mut self, ctx: &mut Context<Self>, reason: &ExitReason) {
        self.log
            .add(format!("terminate in {:?}: {reason}", ctx.state()));
    }
}

#[ambit::test]
async fn x26_all_are_answered_before_the_exit_is_seen() {
    let log = Log::new();
    let round = Round::start(log.clone()).await.unwrap();
    let answers: Vec<_> = (0..5).map(|_| round.join().send()).collect();
    settle().await;
    let end = round.monitor();
    round.finish().await.unwrap();
    assert_eq!(end.await.reason, ExitReason::Normal);
    for answer in answers {
        assert_eq!(answer.await, Ok("over"));
    }
    // No enter, leave or event handler ran after the stop.
    assert_eq!(log.take(), ["terminate in Open: normal"]);
}

#[ambit::test]
async fn a_stop_leaves_no_event_to_be_handled() {
    let log = Log::new();
    let round = Round::start(log.clone()).await.unwrap();
    for number in [1, 2] {
        round.later(number).await.unwrap();
    }
    round.finish().await.unwrap();
    assert_eq!(Process::closed(&round).await, ExitReason::Normal);
    assert_eq!(log.take(), ["terminate in Open: normal"]);
    let letters = dead_letters();
    assert_eq!(letters.len(), 2, "{letters:?}");
}

#[ambit::test]
async fn a_deferred_call_can_choose_where_to_go() {
    let log = Log::new();
    let round = Round::start(log.clone()).await.unwrap();
    assert_eq!(round.close(false).await, Ok(false));
    assert!(log.is_empty());
    assert_eq!(round.close(true).await, Ok(true));
    settle().await;
    assert_eq!(log.take(), ["exit", "enter"]);
    assert_eq!(round.close(true).await, Err(CallError::NoReply));
}

#[ambit::test]
async fn a_machine_that_crashes_begins_again_in_its_first_state() {
    let log = Log::new();
    let round = start_supervised(Round::child_spec(log.clone())).await;
    assert_eq!(round.close(true).await, Ok(true));
    let old = round.pid();
    expect_crash(&round);
    round.fail().await.unwrap();
    await_restart(&round, old).await;
    assert_eq!(round.close(false).await, Ok(false), "it is open again");
    let log = log.take();
    assert!(log.contains(&"exit".to_owned()), "{log:?}");
    assert!(log[2].starts_with("terminate in Closed: "), "{log:?}");
}

#[ambit::test]
async fn callers_of_a_machine_that_crashes_hear_of_it() {
    let round = Round::start(Log::new()).await.unwrap();
    expect_crash(&round);
    let waits = round.join().send();
    settle().await;
    round.fail().await.unwrap();
    let answer = waits.await;
    assert!(
        matches!(answer, Err(CallError::Exited { .. })),
        "{answer:?}"
    );
}

#[ambit::test]
async fn a_kill_loses_no_postponed_cast_silently() {
    let round = Round::start(Log::new()).await.unwrap();
    for number in 0..3 {
        round.later(number).await.unwrap();
    }
    settle().await;
    expect_crash(&round);
    let end = round.monitor();
    ambit::exit(&round, ExitReason::Kill);
    assert_eq!(end.await.reason, ExitReason::Killed);
    assert_eq!(dead_letters().len(), 3);
}

/// Panics when it is dropped.
struct Sharp;

impl Drop for Sharp {
    fn drop(&mut self) {
        panic!("a sharp edge");
    }
}

struct Drawer;

#[state_machine(states = [Open])]
impl Drawer {
    #[init]
    fn new() -> Self {
        Self
    }

    /// Stops with events that nothing handles any more.
    #[cast]
    fn shut(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
        for _ in 0..3 {
            ctx.next_event(DrawerInternal::Knife { knife: Sharp });
        }
    }

    #[internal]
    fn knife(&mut self, knife: Sharp) {
        drop(knife);
    }
}

#[ambit::test]
async fn several_events_whose_drops_panic_do_not_interrupt_the_end_of_a_machine() {
    let drawer = Drawer::start().await.unwrap();
    let end = drawer.monitor();
    drawer.shut().await.unwrap();
    assert_eq!(end.await.reason, ExitReason::Normal);
}
