// declare `Broken` among the targets
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open, Broken])]
impl Door {
    #[cast(_ => Broken)]
    fn kick(&mut self) {}

    #[cast(Locked => Open | stay, _ => ignore)]
    fn turn(&mut self) -> DoorTurnTo {
        DoorTurnTo::Broken
    }
}

fn main() {}
