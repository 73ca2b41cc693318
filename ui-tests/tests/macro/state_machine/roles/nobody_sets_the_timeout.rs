// add `after`, or set the timeout in a method
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[state_timeout(Open => Locked)]
    fn lock(&mut self) {}
}

fn main() {}
