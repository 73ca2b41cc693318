// dsl #49: take `(&mut self, reason: &ExitReason)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 {
        1
    }

    #[terminate]
    fn end(&mut self, reason: &String) {}
}

fn main() {}
