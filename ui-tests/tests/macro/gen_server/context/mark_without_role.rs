// dsl #14: remove `#[ctx]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    fn helper(&mut self, #[ctx] ctx: &mut Context<Self>) {}

    #[cast]
    fn add(&mut self) {}
}

fn main() {}
