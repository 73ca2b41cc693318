// remove the attribute; documentation is allowed
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [
    /// The key is needed.
    Locked,
    #[cfg(unix)]
    Open,
])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}
}

fn main() {}
