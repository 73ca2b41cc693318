// take the context and call `start_in`, or list `Broken` first
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open, Broken])]
impl Door {
    #[init(Broken)]
    fn new() -> Self {
        Self
    }

    #[cast(Locked => Open, Open => Locked, Broken => ignore)]
    fn turn(&mut self) {}
}

fn main() {}
