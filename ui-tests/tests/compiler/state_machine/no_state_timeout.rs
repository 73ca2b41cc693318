// add a method with `#[state_timeout]`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self, ctx: &mut Context<Self>) {
        ctx.state_timeout(Duration::from_secs(1));
    }
}

fn main() {}
