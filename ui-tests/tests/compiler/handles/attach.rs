// dsl #55: add `#[info] fn on_message(&mut self, message: Result<String, Lagged>)`
#![allow(unused)]
use ambit::prelude::*;
use ambit::pubsub::Subscription;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>, news: Subscription<String>) {
        let _ = ctx.attach(news);
    }
}

fn main() {}
