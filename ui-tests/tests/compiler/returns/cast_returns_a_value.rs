// dsl #42: use `#[call]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, by: u64) -> u64 {
        self.value + by
    }
}

fn main() {}
