// fix: write `&ExitReason`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate]
    fn bye(&mut self, reason: &'static ExitReason) {}
}

fn main() {}
