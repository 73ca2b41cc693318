// set it with `ctx.timeout(..)`
#![allow(unused)]
use std::time::Duration;

use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked])]
impl Door {
    #[timeout(_ => stay, after = Duration::from_secs(1))]
    fn poll(&mut self) {}
}

fn main() {}
