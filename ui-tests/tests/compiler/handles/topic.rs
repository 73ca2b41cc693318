// dsl #55: add `#[info] fn on_message(&mut self, message: String)`
#![allow(unused)]
use ambit::prelude::*;
use ambit::pubsub::Topic;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>, news: Topic<String>) {
        news.subscribe(&ctx.recipient());
    }
}

fn main() {}
