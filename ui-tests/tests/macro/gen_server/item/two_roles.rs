// dsl #12: keep one role
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    #[cast]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
