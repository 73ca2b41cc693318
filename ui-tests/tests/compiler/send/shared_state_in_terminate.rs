// dsl #24: take &mut self, or hold a state that is `Sync`
#![allow(unused)]
use ambit::prelude::*;
use std::cell::Cell;

struct Counter { value: Cell<u64> }

#[gen_server]
impl Counter {
    #[terminate]
    async fn bye(&self, reason: &ExitReason) {}
}

fn main() {}
