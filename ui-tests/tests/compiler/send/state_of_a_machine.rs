// dsl #36: the state of a state machine must be `Send`; one error
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Door { code: Rc<u32> }

#[state_machine(states = [Open, Shut])]
impl Door {
    #[init]
    fn new() -> Self {
        Self { code: Rc::new(1) }
    }

    #[cast(Open => Shut, Shut => Open)]
    fn turn(&mut self) {}
}

fn main() {}
