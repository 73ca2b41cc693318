// name the states alone
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[init(Locked => Open)]
    fn new() -> Self {
        Self
    }

    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}
}

fn main() {}
