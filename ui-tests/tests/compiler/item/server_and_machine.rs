// a type is a server or a state machine; keep one of the two blocks
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[gen_server]
impl Door {
    #[call]
    fn knock(&self) {}
}

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => ignore)]
    fn open(&mut self) {}
}

fn main() {}
