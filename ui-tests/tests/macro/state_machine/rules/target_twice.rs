// write it once
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open | stay | Open, Open => ignore)]
    fn turn(&mut self) -> DoorTurnTo {
        DoorTurnTo::Stay
    }
}

fn main() {}
