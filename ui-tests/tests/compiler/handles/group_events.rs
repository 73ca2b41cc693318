// dsl #55: add `#[info] fn on_message(&mut self, message: GroupEvent<Counter>)`
#![allow(unused)]
use ambit::prelude::*;
use ambit::group::Group;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>, group: Group<Self>) {
        let _ = group.monitor("workers", ctx.recipient());
    }
}

fn main() {}
