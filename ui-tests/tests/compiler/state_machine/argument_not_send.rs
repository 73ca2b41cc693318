// send something that is `Send`
#![allow(unused)]
use ambit::prelude::*;
use std::rc::Rc;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self, by: Rc<u32>) {}
}

fn main() {}
