// give the method a role
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    fn handle_cast(&mut self) {}
}

fn main() {}
