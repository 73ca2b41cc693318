// let a method go to `Broken` from another state
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Broken])]
impl Door {
    #[cast(Locked => stay, Broken => repeat)]
    fn turn(&mut self) {}
}

fn main() {}
