// dsl #24: take &mut self, or hold a state that is `Sync`
#![allow(unused)]
use ambit::prelude::*;
use std::cell::Cell;

struct Door { turns: Cell<u64> }

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(Locked => Open, Open => Locked)]
    fn turn(&mut self) {}

    #[call]
    async fn turns(&self) -> u64 {
        std::future::ready(()).await;
        self.turns.get()
    }
}

fn main() {}
