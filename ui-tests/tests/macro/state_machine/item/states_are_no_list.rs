// write `states = [Locked, Open]`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = Locked)]
impl Door {
    #[cast]
    fn close(&mut self) {}
}

fn main() {}
