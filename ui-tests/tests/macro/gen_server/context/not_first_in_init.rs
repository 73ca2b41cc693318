// dsl #32: move the context to the front
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64, ctx: &mut Context<Self>) -> Self {
        Self { value }
    }
}

fn main() {}
