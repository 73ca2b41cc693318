// dsl #55: implement `Handles<Exit>`
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
        ctx.trap_exits(true);
        Ok(Self)
    }
}

fn main() {}
