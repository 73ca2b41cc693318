// a state is a name
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open(u32)])]
impl Door {
    #[cast(Locked => Open, _ => ignore)]
    fn open(&mut self) {}
}

fn main() {}
