// dsl #34: take `&mut Context<Self>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self, ctx: Context<Self>) {}
}

fn main() {}
