// return the same reply
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open)]
    fn turn(&mut self) -> u32 {
        0
    }

    #[call(Open => Locked, event = turn)]
    fn turn_back(&mut self) -> u64 {
        0
    }
}

fn main() {}
