// dsl #52: remove `unsafe`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    unsafe fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
