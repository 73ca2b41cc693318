// dsl #52: remove `const`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    const fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
