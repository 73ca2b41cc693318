// add a rule for `Open`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[timeout(Locked => Open)]
    fn turn(&mut self, ctx: &mut Context<Self>) {}
}

fn main() {}
