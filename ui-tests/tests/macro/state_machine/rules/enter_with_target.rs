// remove the target
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[enter(Open => Locked)]
    fn opened(&mut self) {}
}

fn main() {}
