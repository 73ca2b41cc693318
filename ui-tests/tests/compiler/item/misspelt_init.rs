// dsl #13: write `#[init]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[int]
    fn new(value: u64) -> Self {
        Self { value }
    }
}

fn main() {}
