// keep one of the two rules
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => stay)]
    fn turn(&mut self) {}

    #[cast(Open => Locked, event = turn)]
    fn turn_back(&mut self) {}
}

fn main() {}
