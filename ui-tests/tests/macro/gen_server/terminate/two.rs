// dsl #07: do both in one
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {}

    #[terminate]
    fn farewell(&mut self, reason: &ExitReason) {}
}

fn main() {}
