//! A state machine implemented by hand, with behaviour that no macro generates.
use ambit::server::Protocol;

use ambit::error::CallError;
use ambit::prelude::*;
use ambit::server::{Flow, Incoming};
use ambit::state_machine::StateMachine;
use ambit::state_machine::{self, Next, StateEvent, StateInfo, StateStep};
use ambit::test::{dead_letters, expect_crash, settle};

use super::SECOND;

struct Light;

enum Ask {
    Colour(ReplyTo<Colour>),
    /// No handler takes it.
    Other(ReplyTo<()>),
}

enum Tell {
    Switch,
    /// The enter callback requests another state.
    Misplaced,
    Restart,
    Slowly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colour {
    Red,
    Green,
    Wrong,
}

impl StateMachine for Light {
    type State = Colour;
    type Message = ();
    type Internal = ();
    type Timeout = ();

    fn handle_event(
        &mut self,
        state: Colour,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<Colour>, StateEvent<Self>> {
        Ok(match (state, event) {
            (_, StateEvent::Call(Ask::Colour(reply))) => {
                ctx.answer(reply, state);
                Next::Stay
            }
            (Colour::Red, StateEvent::Cast(Tell::Switch)) => Next::To(Colour::Green),
            (Colour::Green, StateEvent::Cast(Tell::Switch)) => Next::To(Colour::Red),
            (_, StateEvent::Cast(Tell::Misplaced)) => Next::To(Colour::Wrong),
            (Colour::Wrong, StateEvent::Enter { .. }) => Next::To(Colour::Red),
            (_, StateEvent::Cast(Tell::Restart)) => {
                ctx.start_in(Colour::Green);
                Next::Stay
            }
            (_, event) => return Err(event),
        })
    }

    async fn handle_event_later(
        &mut self,
        _: Colour,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Next<Colour> {
        match event {
            StateEvent::Cast(Tell::Slowly) => {
                tokio::time::sleep(SECOND).await;
                Next::To(Colour::Green)
            }
            event => state_machine::unhandled(event, ctx),
        }
    }
}

impl Protocol for Light {
    type Call = Ask;
    type Cast = Tell;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Light";
}

impl GenServer for Light {
    type Protocol = Self;
    type Args = Self;
    type Info = StateInfo<Self>;
    type Continue = StateStep<Self>;

    async fn init(light: Self, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        ctx.start_in(Colour::Green);
        ctx.start_in(Colour::Red);
        Ok(light)
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        state_machine::handle_now(self, message, ctx)
    }

    async fn handle_continue(&mut self, step: StateStep<Self>, ctx: &mut Context<Self>) -> Flow {
        state_machine::handle_later(self, step, ctx).await
    }
}

async fn light() -> Subject<Light> {
    ambit::start::<Light>(Light).await.unwrap()
}

#[ambit::test]
async fn a_hand_written_state_machine_enters_the_state_it_returns() {
    let light = light().await;
    assert_eq!(
        light.call(Ask::Colour).await,
        Ok(Colour::Red),
        "the last word counts"
    );
    light.send(Tell::Switch).await.unwrap();
    assert_eq!(light.call(Ask::Colour).await, Ok(Colour::Green));
    light.send(Tell::Switch).await.unwrap();
    light.send(Tell::Slowly).await.unwrap();
    assert_eq!(light.call(Ask::Colour).await, Ok(Colour::Green));
}

#[ambit::test]
async fn an_unhandled_event_is_a_dead_letter() {
    let light = light().await;
    assert_eq!(light.call(Ask::Other).await, Err(CallError::NoReply));
    assert!(light.is_alive());
    settle().await;
    assert_eq!(dead_letters().len(), 1);
}

#[ambit::test]
async fn entering_a_state_cannot_choose_another() {
    let light = light().await;
    expect_crash(&light);
    let end = light.monitor();
    light.send(Tell::Misplaced).await.unwrap();
    let reason = end.await.reason.to_string();
    assert!(
        reason.contains("cannot choose another state (in Wrong)"),
        "{reason}"
    );
}

#[ambit::test]
async fn a_machine_begins_once() {
    let light = light().await;
    expect_crash(&light);
    let end = light.monitor();
    light.send(Tell::Restart).await.unwrap();
    let reason = end.await.reason;
    assert!(matches!(reason, ExitReason::Panic(_)), "{reason}");
    assert!(
        reason.to_string().contains("`start_in` is for `init`"),
        "{reason}"
    );
}
