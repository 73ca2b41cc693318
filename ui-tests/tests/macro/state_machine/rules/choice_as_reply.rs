// return `(DoorTurnTo, ())`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open | stay, Open => refuse)]
    fn turn(&mut self) -> DoorTurnTo {
        DoorTurnTo::Stay
    }
}

fn main() {}
