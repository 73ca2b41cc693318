// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(_ => Locked | Open)]
    fn v1(&mut self) -> DoorV1To {
        DoorV1To::Open
    }

    #[call(_ => Locked | Open)]
    fn v_1(&mut self) -> (DoorV1To, u8) {
        (DoorV1To::Locked, 1)
    }
}

fn main() {}
