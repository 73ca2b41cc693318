// `postpone` stands alone
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => postpone | stay)]
    fn turn(&mut self) {}
}

fn main() {}
