// remove `tag`, or add `remote = ".."` to the attribute of the block
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked, tag = "turn_key")]
    fn turn(&mut self) {}
}

fn main() {}
