// take the same arguments
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open)]
    fn turn(&mut self, by: u32) {}

    #[cast(Open => Locked, event = turn)]
    fn turn_back(&mut self, by: u64) {}
}

fn main() {}
