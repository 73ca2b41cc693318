// dsl #55: add `#[info] fn on_down(&mut self, down: Down)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn watch(&mut self, ctx: &mut Context<Self>, other: CounterSubject) {
        ctx.monitor(&other);
    }
}

fn main() {}
