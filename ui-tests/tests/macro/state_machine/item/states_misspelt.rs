// fix: write `states = [Open, Shut]`
#![allow(unused)]
use ambit::prelude::*;

pub struct Door;

#[state_machine(state = [Open, Shut])]
impl Door {
    #[cast(Open => Shut, Shut => ignore)]
    fn shut(&mut self) {}
}

fn main() {}
