// dsl #55: add `#[info] fn on_message(&mut self, message: Tick)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Tick;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self, ctx: &mut Context<Self>) {
        ctx.send_after(Duration::from_secs(1), Tick);
    }
}

fn main() {}
