// write `ignore`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => refuse)]
    fn turn(&mut self) {}
}

fn main() {}
