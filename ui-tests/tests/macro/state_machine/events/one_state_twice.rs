// keep one of the two rules
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Locked | Open => stay)]
    fn turn(&mut self) {}
}

fn main() {}
