// fix: remove the quotes
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = ["Locked", Open])]
impl Door {
    #[cast]
    fn close(&mut self) {}
}

fn main() {}
