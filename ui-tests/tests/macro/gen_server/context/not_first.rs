// dsl #32: move the context right after `self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, by: u64, ctx: &mut Context<Self>) {}
}

fn main() {}
