// dsl #55: implement `Handles<u64>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

impl Protocol for Counter {
    type Call = ();
    type Cast = Pid;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Counter";
}

impl GenServer for Counter {
    type Protocol = Self;
    type Args = ();
    type Info = ();
    type Continue = ();

    async fn init(_: (), ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let own = ctx.recipient::<u64>();
        Ok(Self)
    }
}

fn main() {}
