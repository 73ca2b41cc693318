// dsl #55: add `#[info] fn on_down(&mut self, down: Down)`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self, ctx: &mut Context<Self>, other: DoorSubject) {
        ctx.monitor(&other);
    }
}

fn main() {}
