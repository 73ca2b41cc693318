// dsl #51: write `not_after_panic`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[terminate(after_panic)]
    fn bye(&mut self, reason: &ExitReason) {}
}

fn main() {}
