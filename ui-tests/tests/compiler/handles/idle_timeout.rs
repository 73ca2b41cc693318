// dsl #55: add `#[info] fn on_idle(&mut self, _idle: IdleTimeout)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.idle_timeout(Duration::from_secs(1));
    }
}

fn main() {}
