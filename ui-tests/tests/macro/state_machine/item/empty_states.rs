// name at least one state
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [])]
impl Door {
    #[cast]
    fn close(&mut self) {}
}

fn main() {}
