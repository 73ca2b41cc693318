// dsl #23: return `Self` or `Result<Self, E>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) {}
}

fn main() {}
