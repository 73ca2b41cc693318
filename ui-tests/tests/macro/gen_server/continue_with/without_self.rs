// dsl #18: take `&self` or `&mut self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[continue_with]
    fn report() {}
}

fn main() {}
