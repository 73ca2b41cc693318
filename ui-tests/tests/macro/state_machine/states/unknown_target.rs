// write `Open`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Opem, Open => Locked)]
    fn turn(&mut self) {}
}

fn main() {}
