// dsl #22: remove `self` and return `Self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(&mut self) -> Self {
        Self { value: 0 }
    }
}

fn main() {}
