// dsl #52: remove `extern`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    extern "C" fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
