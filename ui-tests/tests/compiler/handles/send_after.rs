// dsl #55: add `#[info] fn on_message(&mut self, message: Tick)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Tick;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.send_after(Duration::from_secs(1), Tick);
    }
}

fn main() {}
