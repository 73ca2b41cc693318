// dsl #17: mark the methods with `#[info]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    fn handle_info(&mut self, message: u64) {}
}

fn main() {}
