// set it with `ctx.event_timeout(..)`
#![allow(unused)]
use std::time::Duration;

use ambit::prelude::*;

struct Door;

#[state_machine(states = [Open])]
impl Door {
    #[event_timeout(Open => stay, after = Duration::from_secs(1))]
    fn quiet(&mut self) {}
}

fn main() {}
