// dsl #18: take `&self` or `&mut self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get() -> u64 {
        0
    }
}

fn main() {}
