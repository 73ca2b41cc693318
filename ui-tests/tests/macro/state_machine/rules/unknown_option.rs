// write `event = press`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked, evnt = turn)]
    fn turn(&mut self) {}
}

fn main() {}
