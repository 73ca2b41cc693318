// let a method go to `Broken`, or remove it
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open, Broken])]
impl Door {
    #[cast(Locked => Open, Open => Locked, Broken => ignore)]
    fn turn(&mut self) {}
}

fn main() {}
