// write `Door::start(..).timeout(..)` where it is started
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

pub struct Door;

#[state_machine(states = [Open, Shut])]
impl Door {
    #[init(timeout = Duration::from_secs(1))]
    fn new() -> Self {
        Self
    }

    #[cast(Open => Shut, Shut => ignore)]
    fn shut(&mut self) {}
}

fn main() {}
