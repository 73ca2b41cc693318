// write `Locked => Open`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => , Open => Locked)]
    fn turn(&mut self) {}
}

fn main() {}
