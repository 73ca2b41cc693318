// list the states
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine]
impl Door {
    #[cast]
    fn close(&mut self) {}
}

fn main() {}
