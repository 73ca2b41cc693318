// dsl #05: choose another name
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    pub fn start(value: u64) -> Self {
        Self { value }
    }
}

fn main() {}
