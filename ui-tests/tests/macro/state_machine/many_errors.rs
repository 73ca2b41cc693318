// all mistakes of a block are reported at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open], mailbx = 3)]
impl Door {
    #[cast(Lockd => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[call(Open => ignore)]
    fn name(&self, whose: &str) -> String {
        String::new()
    }

    #[enter(Open => Locked)]
    fn opened(&mut self, wide: bool) {}
}

fn main() {}
