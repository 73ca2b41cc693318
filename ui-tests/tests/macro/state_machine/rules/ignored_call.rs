// write `refuse`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open, Open => ignore)]
    fn turn(&mut self) {}
}

fn main() {}
