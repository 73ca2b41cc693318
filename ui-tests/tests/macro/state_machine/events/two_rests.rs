// keep one rule for the rest
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, _ => ignore, _ => stop)]
    fn turn(&mut self) {}
}

fn main() {}
