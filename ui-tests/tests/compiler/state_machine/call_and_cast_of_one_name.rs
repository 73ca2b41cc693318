// duplicate definitions with name `push`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Closed, Open])]
impl Door {
    #[call(Closed => Open, Open => stay)]
    fn push(&mut self) -> bool { true }

    #[cast(Open => Closed, Closed => stay)]
    fn push(&mut self) {}
}

fn main() {}
