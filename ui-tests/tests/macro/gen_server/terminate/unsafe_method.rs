// dsl #52: remove `unsafe`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate]
    unsafe fn bye(&mut self, reason: &ExitReason) {}
}

fn main() {}
