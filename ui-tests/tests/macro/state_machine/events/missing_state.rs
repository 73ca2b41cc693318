// say what `Open` does about it
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open)]
    fn turn(&mut self) {}
}

fn main() {}
