// write `enter`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[entr(Open)]
    fn opened(&mut self) {}
}

fn main() {}
