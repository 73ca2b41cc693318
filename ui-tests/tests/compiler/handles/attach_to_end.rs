// dsl #55: add `#[info] fn on_stream_end(&mut self, _end: StreamEnd)`
#![allow(unused)]
use ambit::prelude::*;
use ambit::pubsub::{Lagged, Subscription};

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>, news: Subscription<String>) {
        let _ = ctx.attach_to_end(news);
    }

    #[info]
    fn on_news(&mut self, news: Result<String, Lagged>) {}
}

fn main() {}
