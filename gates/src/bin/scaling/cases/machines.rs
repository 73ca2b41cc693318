//! State machines with many named timeouts: by hand, because a generated one has as many as it has methods.

use ambit::prelude::*;
use ambit::server::{Flow, Incoming, Protocol};
use ambit::state_machine::{self, Next, StateEvent, StateInfo, StateMachine, StateStep};

use super::SECOND;
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("machines/handle events while timeouts run", 500, [], handle),
        case!("machines/let timeouts run out", 500, [], run_out),
        case!("machines/set a timeout among many", 500, [], set).linear("names of timeouts can only be compared"),
    ]
}

/// Counts its timeouts and ticks.
struct Clock {
    seen: usize,
}

enum Ask {
    Seen(ReplyTo<usize>),
}

enum Tell {
    Set(u32),
    Tick,
}

impl StateMachine for Clock {
    type State = ();
    type Message = ();
    type Internal = ();
    type Timeout = u32;

    fn handle_event(
        &mut self,
        (): (),
        event: StateEvent<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<()>, StateEvent<Self>> {
        match event {
            StateEvent::Call(Ask::Seen(reply)) => ctx.answer(reply, self.seen),
            StateEvent::Cast(Tell::Set(name)) => ctx.timeout(name, SECOND),
            StateEvent::Cast(Tell::Tick) | StateEvent::Timeout(_) => self.seen += 1,
            event => return Err(event),
        }
        Ok(Next::Stay)
    }
}

impl Protocol for Clock {
    type Call = Ask;
    type Cast = Tell;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Clock";
}

impl GenServer for Clock {
    type Protocol = Self;
    type Args = ();
    type Info = StateInfo<Self>;
    type Continue = StateStep<Self>;

    async fn init((): (), ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        ctx.start_in(());
        Ok(Self { seen: 0 })
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

/// Starts a clock with `n` timeouts.
async fn clock(n: usize) -> Subject<Clock> {
    let clock = ambit::start::<Clock>(()).await.expect("it starts");
    for name in 0..n {
        let name = u32::try_from(name).expect("it is small");
        clock.send(Tell::Set(name)).await.expect("it lives");
    }
    assert_eq!(clock.call(Ask::Seen).await, Ok(0));
    clock
}

async fn handle(mut run: Run, n: usize) {
    let clock = clock(n).await;
    run.begin().await;
    for _ in 0..n {
        clock.send(Tell::Tick).await.expect("it lives");
    }
    assert_eq!(clock.call(Ask::Seen).await, Ok(n));
    run.end().await;
}

async fn run_out(mut run: Run, n: usize) {
    let clock = clock(n).await;
    run.begin().await;
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(clock.call(Ask::Seen).await, Ok(n));
    run.end().await;
}

async fn set(mut run: Run, n: usize) {
    let clock = clock(n).await;
    let last = u32::try_from(n).expect("it is small");
    run.begin().await;
    clock.send(Tell::Set(last)).await.expect("it lives");
    assert_eq!(clock.call(Ask::Seen).await, Ok(0));
    run.end().await;
}
