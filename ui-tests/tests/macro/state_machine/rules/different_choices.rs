// write another method for Open, with `event = turn`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open | stay, Open => Locked)]
    fn turn(&mut self) -> DoorTurnTo {
        DoorTurnTo::Stay
    }
}

fn main() {}
