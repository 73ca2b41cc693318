// put the error in the reply, `(DoorTurnTo, Result<bool, String>)`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open | stay, Open => refuse)]
    fn turn(&mut self) -> Result<(DoorTurnTo, bool), String> {
        Err("no key".to_owned())
    }
}

fn main() {}
