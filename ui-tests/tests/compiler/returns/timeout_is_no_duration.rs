// dsl #50: write a `Duration`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(timeout = 5000)]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
