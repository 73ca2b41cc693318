// dsl #55: add `#[info] fn on_message(&mut self, message: u64)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        let own = ctx.recipient::<u64>();
    }
}

fn main() {}
