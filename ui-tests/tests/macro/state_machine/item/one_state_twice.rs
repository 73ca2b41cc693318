// name each state once
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Locked])]
impl Door {
    #[cast]
    fn close(&mut self) {}
}

fn main() {}
