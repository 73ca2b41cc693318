// dsl #30: write the name of the argument
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put(&mut self, (key, value): (u64, u64)) {}
}

fn main() {}
