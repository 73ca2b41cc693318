// fix: set the limit where the cast is sent
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

pub struct Door;

#[state_machine(states = [Open, Shut])]
impl Door {
    #[cast(Open => Shut, Shut => ignore, timeout = Duration::from_secs(1))]
    fn shut(&mut self) {}
}

fn main() {}
