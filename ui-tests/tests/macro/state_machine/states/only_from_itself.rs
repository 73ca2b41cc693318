// let a method go to `Broken` from another state
// errors: 2
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Broken, Lost])]
impl Door {
    #[cast(Locked => stay, Broken => Lost, Lost => Broken)]
    fn turn(&mut self) {}
}

fn main() {}
