// dsl #55: add `#[info] fn on_down(&mut self, down: Down)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>) {
        let _ = ctx.spawn_monitor(|_: Inbox<u64>| async {});
    }
}

fn main() {}
