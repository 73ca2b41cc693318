// take `Tick`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Counter;
struct Tick;

#[gen_server]
impl Counter {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.send_after(Duration::from_secs(1), Tick);
        Self
    }

    #[info]
    fn on_tick(&mut self, tick: &Tick) {}
}

fn main() {}
