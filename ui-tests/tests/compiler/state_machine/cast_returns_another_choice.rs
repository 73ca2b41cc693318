// return `DoorTurnTo`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open | stay, Open => ignore)]
    fn turn(&mut self) -> bool {
        true
    }
}

fn main() {}
