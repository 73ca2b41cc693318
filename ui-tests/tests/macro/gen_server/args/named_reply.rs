// dsl #31: choose another name
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn put(&mut self, reply: u64) -> u64 {
        reply
    }
}

fn main() {}
