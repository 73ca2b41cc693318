//! State machines whose states, timeouts, messages and events are hostile.

use ambit::server::Protocol;
use ambit::server::{Flow, Incoming};
use ambit::state_machine::StateMachine;
use ambit::state_machine::{self, Next, StateEvent, StateInfo, StateStep};
use ambit::sys;

use super::*;
use crate::support::hostile::HostileCopy;

const SOON: Duration = Duration::from_millis(1);

#[derive(Clone)]
struct Lamp {
    states: [HostileCopy; 2],
    timeout: HostileCopy,
    seen: Vec<Hostile>,
}

enum Ask {
    Seen(ReplyTo<usize>),
    Last(ReplyTo<Option<Hostile>>),
}

enum Tell {
    /// Changes the state, with all operations that a state machine has on the way.
    Switch(Hostile),
    /// Postponed until the state changes.
    Later(Hostile),
    /// No handler takes it.
    Lost(#[expect(dead_code, reason = "it is only dropped")] Hostile),
    /// The enter callback requests another state, which is an error.
    Misplaced,
    Nothing,
}

impl Lamp {
    fn other(&self, state: HostileCopy) -> Next<HostileCopy> {
        let [first, second] = self.states;
        Next::To(if state == first { second } else { first })
    }
}

impl StateMachine for Lamp {
    type State = HostileCopy;
    type Message = Hostile;
    type Internal = Hostile;
    type Timeout = HostileCopy;

    fn handle_event(
        &mut self,
        state: HostileCopy,
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<HostileCopy>, StateEvent<Self>> {
        match event {
            StateEvent::Call(Ask::Seen(reply)) => ctx.answer(reply, self.seen.len()),
            StateEvent::Call(Ask::Last(reply)) => ctx.answer(reply, self.seen.last().cloned()),
            StateEvent::Cast(Tell::Switch(value)) => {
                ctx.timeout(self.timeout, SOON);
                ctx.timeout(self.timeout, SOON);
                ctx.send_after(Duration::ZERO, value.clone());
                ctx.next_event(StateEvent::Internal(value));
                return Ok(self.other(state));
            }
            StateEvent::Cast(Tell::Later(value)) if state == self.states[0] => {
                ctx.postpone(StateEvent::Cast(Tell::Later(value)));
            }
            StateEvent::Cast(Tell::Later(value))
            | StateEvent::Internal(value)
            | StateEvent::Info(value) => {
                self.seen.push(value);
            }
            StateEvent::Timeout(name) => assert!(name == self.timeout),
            StateEvent::Cast(Tell::Misplaced) => {
                self.seen.clear();
                return Ok(self.other(state));
            }
            StateEvent::Enter { from: Some(_) } if self.seen.is_empty() => {
                return Ok(self.other(state));
            }
            StateEvent::Cast(Tell::Nothing)
            | StateEvent::Enter { .. }
            | StateEvent::Exit { .. } => {}
            event => return Err(event),
        }
        Ok(Next::Stay)
    }
}

impl Protocol for Lamp {
    type Call = Ask;
    type Cast = Tell;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Lamp";
}

impl Handles<Hostile> for Lamp {
    fn into_info(value: Hostile) -> StateInfo<Self> {
        StateInfo::Message(value)
    }
}

impl GenServer for Lamp {
    type Protocol = Self;
    type Args = Back;
    type Info = StateInfo<Self>;
    type Continue = StateStep<Self>;

    async fn init(back: Back, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let states = [back.copy(0), back.copy(1)];
        ctx.start_in(states[0]);
        Ok(Self {
            states,
            timeout: back.copy(2),
            seen: vec![back.value(0)],
        })
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

#[test]
fn parts_of_a_state_machine_may_use_it() {
    must_not_hang(|| async {
        let back = Back::new();
        let lamp = ambit::start::<Lamp>(back.clone()).await.unwrap();
        let inside = lamp.clone();
        back.arm(move || {
            drop((process_info(inside.pid()), format!("{inside:?}")));
            drop(inside.send(Tell::Nothing).now());
            drop(ambit::inspect::snapshot());
        });
        for n in 1..6 {
            lamp.send(Tell::Later(back.value(n))).await.unwrap();
            lamp.send(Tell::Switch(back.value(n))).await.unwrap();
            lamp.send(Tell::Lost(back.value(n))).await.unwrap();
            drop(lamp.call(Ask::Last).await.unwrap());
        }
        assert!(soon(sys::state_of::<Lamp>(&lamp)).await.is_ok());
        // Until all postponed events, internal events and timer messages have been handled.
        while soon(lamp.call(Ask::Seen)).await.unwrap() < 16 {
            tokio::time::sleep(SOON).await;
        }
        let end = lamp.monitor();
        lamp.send(Tell::Misplaced).await.unwrap();
        let reason = soon(end).await.reason.to_string();
        assert!(reason.contains("HostileCopy"), "{reason}");
        back.disarm();
        all_of(&back, &[Code::Clone, Code::Drop, Code::Eq, Code::Debug]);
    });
}
