// fix: another name for the second
#![allow(unused)]
use std::time::Duration;

use ambit::prelude::*;

struct Door;

#[state_machine(states = [Locked, Open])]
impl Door {
    #[cast(_ => Open)]
    fn open(&mut self, ctx: &mut Context<Self>) {
        ctx.timeout(DoorTimeout::V1, Duration::from_secs(1));
    }

    #[timeout(_ => Locked)]
    fn v1(&mut self) {}

    #[timeout(_ => Locked)]
    fn v_1(&mut self) {}
}

fn main() {}
