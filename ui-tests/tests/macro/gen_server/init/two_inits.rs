// dsl #07: one `#[init]` that takes an enum or a struct
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new() -> Self {
        Self { value: 0 }
    }

    #[init]
    fn at(value: u64) -> Self {
        Self { value }
    }
}

fn main() {}
