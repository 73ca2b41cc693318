// is set on its first method
#![allow(unused)]
use std::time::Duration;

use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open)]
    fn turn(&mut self) {}

    #[call(Open => Locked, event = turn, timeout = Duration::from_secs(1))]
    fn turn_back(&mut self) {}
}

fn main() {}
