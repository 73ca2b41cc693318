// fix: write the states as a rule
#![allow(unused)]
use ambit::prelude::*;

pub struct Door;

#[state_machine(states = [Open, Shut])]
impl Door {
    #[cast(Open => Shut, Shut => ignore)]
    fn shut(&mut self) {}

    #[cast(in = Open)]
    fn lock(&mut self) {}
}

fn main() {}
