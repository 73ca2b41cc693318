// dsl #55: add `#[info] fn on_exit(&mut self, exit: Exit)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.trap_exits(true);
    }
}

fn main() {}
