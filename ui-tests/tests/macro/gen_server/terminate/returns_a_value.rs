// dsl #49: remove the return type
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) -> u64 {
        0
    }
}

fn main() {}
