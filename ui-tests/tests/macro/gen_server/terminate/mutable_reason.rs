// dsl #49: take `(&mut self, reason: &ExitReason)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate]
    fn bye(&mut self, reason: &mut ExitReason) {}
}

fn main() {}
