// remove `=> postpone`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[exit(Open => postpone)]
    fn closed(&mut self) {}
}

fn main() {}
