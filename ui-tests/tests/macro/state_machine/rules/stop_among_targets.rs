// call `ctx.stop(..)` in the method
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open | stop, Open => ignore)]
    fn turn(&mut self) {}
}

fn main() {}
