//! The order of events: internal, postponed, due and new ones.

use std::time::Duration;

use ambit::prelude::*;
use ambit::state_machine::StateEvent;
use ambit::test::settle;

use super::SECOND;
use crate::support::log::Log;

struct Desk {
    log: Log,
}

#[state_machine(states = [Shut, Busy, Free])]
impl Desk {
    #[init]
    fn new(log: Log) -> Self {
        Self { log }
    }

    #[cast(Shut => postpone, _ => stay)]
    fn letter(&mut self, number: u32) {
        self.log.add(format!("letter {number}"));
    }

    /// Opens, with internal events and zero timeouts pending.
    #[cast(Shut => Busy, _ => ignore)]
    fn open(&mut self, ctx: &mut Context<Self>) {
        ctx.next_event(DeskInternal::Sort { pile: 1 });
        ctx.next_event(DeskInternal::Sort { pile: 2 });
        ctx.state_timeout(Duration::ZERO);
        ctx.timeout(DeskTimeout::Tea, Duration::ZERO);
        self.log.add("open");
    }

    #[internal]
    fn sort(&mut self, ctx: &mut Context<Self>, pile: u32) {
        self.log.add(format!("sort {pile}"));
        if pile == 1 {
            ctx.next_event(DeskInternal::Sort { pile: 11 });
        }
    }

    #[state_timeout(Busy => Free)]
    fn done(&mut self) {
        self.log.add("done");
    }

    #[timeout]
    fn tea(&mut self) {
        self.log.add("tea");
    }

    #[enter]
    fn entered(&mut self, ctx: &mut Context<Self>) {
        self.log.add(format!("enter {:?}", ctx.state()));
    }

    /// Sends a letter to itself as an event that a method creates.
    #[cast]
    fn forward(&mut self, ctx: &mut Context<Self>, number: u32) {
        ctx.next_event(DeskCast::Letter { number });
        self.log.add("forward");
    }

    /// Postpones a parcel inside the method, where no rule can.
    #[cast(Free => stay, _ => stay)]
    fn parcel(&mut self, ctx: &mut Context<Self>, number: u32) {
        if ctx.state() == DeskState::Free {
            self.log.add(format!("parcel {number}"));
        } else {
            ctx.postpone(DeskCast::Parcel { number });
        }
    }
}

#[ambit::test]
async fn x22_own_events_come_before_postponed_ones_before_new_ones() {
    let log = Log::new();
    let desk = Desk::start(log.clone()).await.unwrap();
    for number in 1..=3 {
        desk.letter(number).await.unwrap();
    }
    desk.open().await.unwrap();
    desk.letter(4).await.unwrap();
    settle().await;
    let expected = [
        "enter Shut",
        "open",
        "enter Busy",
        "sort 1",
        "sort 11",
        "sort 2",
        "letter 1",
        "letter 2",
        "letter 3",
        // X23: a zero timeout comes after the internal events, and before new messages.
        "done",
        "enter Free",
        "tea",
        "letter 4",
    ];
    assert_eq!(log.take(), expected);
}

#[ambit::test]
async fn an_event_of_its_own_can_be_any_message() {
    let log = Log::new();
    let desk = Desk::start(log.clone()).await.unwrap();
    desk.forward(8).await.unwrap();
    settle().await;
    // The desk is shut: the letter that it sends itself is postponed like any other.
    assert_eq!(log.take(), ["enter Shut", "forward"]);
    desk.open().await.unwrap();
    settle().await;
    assert_eq!(log.all()[5], "letter 8");
}

#[ambit::test]
async fn postponed_messages_are_redelivered_at_each_state_change() {
    let log = Log::new();
    let desk = Desk::start(log.clone()).await.unwrap();
    desk.parcel(1).await.unwrap();
    desk.letter(2).await.unwrap();
    desk.open().await.unwrap();
    settle().await;
    let mail: Vec<_> = log
        .take()
        .into_iter()
        .filter(|what| what.starts_with('p') || what.starts_with('l'))
        .collect();
    // In `Busy` the parcel is postponed again; the letter is handled in `Busy`.
    assert_eq!(mail, ["letter 2", "parcel 1"]);
}

#[test]
fn an_event_can_be_made_of_each_message() {
    let event: StateEvent<Desk> = DeskCast::Open.into();
    assert_eq!(format!("{event:?}"), "Cast(..)");
    let event: StateEvent<Desk> = DeskInternal::Sort { pile: 1 }.into();
    assert_eq!(format!("{event:?}"), "Internal(..)");
    assert_eq!(
        format!("{:?}", StateEvent::<Desk>::Timeout(DeskTimeout::Tea)),
        "Timeout(Tea)"
    );
}

/// All its methods suspend.
struct Slow {
    log: Log,
}

#[state_machine(states = [Idle, Working])]
impl Slow {
    #[init]
    async fn new(ctx: &mut Context<Self>, log: Log, working: bool) -> Self {
        tokio::time::sleep(SECOND).await;
        if working {
            ctx.start_in(SlowState::Working);
        }
        Self { log }
    }

    #[call(Idle => Working, Working => postpone)]
    async fn work(&mut self, piece: u32) -> u32 {
        tokio::time::sleep(SECOND).await;
        self.log.add(format!("work {piece}"));
        piece
    }

    #[cast(Working => Idle | repeat, Idle => ignore)]
    async fn rest(&mut self, really: bool) -> Result<SlowRestTo, std::io::Error> {
        tokio::time::sleep(SECOND).await;
        Ok(if really {
            SlowRestTo::Idle
        } else {
            SlowRestTo::Repeat
        })
    }

    #[enter(Working)]
    async fn begin(&mut self) {
        tokio::time::sleep(SECOND).await;
        self.log.add("begin");
    }

    #[exit(_)]
    async fn end(&mut self, ctx: &mut Context<Self>) {
        tokio::time::sleep(SECOND).await;
        self.log.add(format!("end {:?}", ctx.state()));
    }
}

#[ambit::test]
async fn methods_that_wait_keep_the_order() {
    let log = Log::new();
    let slow = Slow::start(log.clone(), false).await.unwrap();
    let (first, second) = (slow.work(1).send(), slow.work(2).no_timeout().send());
    slow.rest(false).await.unwrap();
    slow.rest(true).await.unwrap();
    assert_eq!(first.await, Ok(1));
    assert_eq!(second.await, Ok(2));
    settle().await;
    let expected = [
        "work 1",
        "end Idle",
        "begin",
        "begin",
        "end Working",
        "work 2",
        "end Idle",
        "begin",
    ];
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(log.take(), expected);
}

#[ambit::test]
async fn an_init_can_choose_where_to_begin() {
    let log = Log::new();
    let slow = Slow::start(log.clone(), true).await.unwrap();
    let late = slow.work(1).timeout(3 * SECOND).await;
    assert!(late.is_err(), "it is working");
    assert_eq!(log.take(), ["begin"]);
}
