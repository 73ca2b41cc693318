// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[call(Locked => Open, Open => Locked)]
    fn turn(&mut self, by: Vec<Missing>) -> bool {
        true
    }
}

fn main() {}
