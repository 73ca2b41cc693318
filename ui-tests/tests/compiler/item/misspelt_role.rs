// dsl #13: write `#[call]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[calls]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
