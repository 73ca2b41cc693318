// add a rule for `Open`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open)]
    fn turn(&mut self) -> u64 {
        0
    }
}

fn main() {}
