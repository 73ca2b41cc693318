// put `#[state_machine]` on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct Door;

impl Door {
    #[enter(Open)]
    fn opened(&mut self) {}
}

fn main() {}
