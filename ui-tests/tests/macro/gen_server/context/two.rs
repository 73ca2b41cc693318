// dsl #34: remove one
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self, ctx: &mut Context<Self>, again: &Context<Self>) {}
}

fn main() {}
