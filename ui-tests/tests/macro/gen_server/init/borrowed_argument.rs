// dsl #25: take `String`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(name: &str) -> Self {
        Self { value: 0 }
    }
}

fn main() {}
