// dsl #02: put the attribute on the inherent impl block
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl GenServer for Counter {
    #[call]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
