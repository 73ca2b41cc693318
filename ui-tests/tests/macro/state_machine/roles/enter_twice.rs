// keep one of the two
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[enter(Open)]
    fn opened(&mut self) {}

    #[enter(Open)]
    fn wide_open(&mut self) {}
}

fn main() {}
