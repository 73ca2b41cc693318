// fix: write `#[call]`
#![allow(unused)]
use ambit::call as handler;
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn new() -> Self {
        Counter
    }

    #[handler]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
