// keep it in the machine
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[enter(Open)]
    fn opened(&mut self, wide: bool) {}
}

fn main() {}
