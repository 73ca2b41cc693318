// write `Open`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[enter(Opened)]
    fn opened(&mut self) {}
}

fn main() {}
