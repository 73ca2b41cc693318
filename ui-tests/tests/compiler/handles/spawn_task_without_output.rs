// dsl #55: add `#[info] fn on_message(&mut self, message: ())`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn_task(async {});
    }
}

fn main() {}
