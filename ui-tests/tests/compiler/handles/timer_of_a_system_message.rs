// dsl #55: add `#[info] fn on_message(&mut self, message: ambit::Down)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn later(&mut self, ctx: &mut Context<Self>, down: Down) {
        ctx.send_after(Duration::from_secs(1), down);
    }
}

fn main() {}
