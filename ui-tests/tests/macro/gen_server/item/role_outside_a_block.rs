// dsl #14: put `#[gen_server]` on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

impl Counter {
    #[call]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
