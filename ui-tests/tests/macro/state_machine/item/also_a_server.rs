// remove one of the two attributes
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked])]
#[gen_server]
impl Door {
    #[cast]
    fn turn(&mut self) {}
}

fn main() {}
