// return the type of this method
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Open => Locked | stay, _ => ignore)]
    fn close(&mut self) -> DoorCloseTo {
        DoorCloseTo::Stay
    }

    #[call(Locked => Open | stay, _ => refuse)]
    fn turn(&mut self) -> (DoorCloseTo, bool) {
        (DoorCloseTo::Stay, true)
    }
}

fn main() {}
