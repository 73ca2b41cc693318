// dsl #55: add `#[info] fn on_message(&mut self, message: RegistryEvent<String>)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn begin(&mut self, ctx: &mut Context<Self>, names: Registry<String, Self>) {
        names.subscribe(ctx.recipient());
    }
}

fn main() {}
