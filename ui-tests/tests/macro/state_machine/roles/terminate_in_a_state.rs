// remove the state
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[terminate(Open)]
    fn bye(&mut self, reason: &ExitReason) {}
}

fn main() {}
