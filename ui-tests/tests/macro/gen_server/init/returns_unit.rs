// dsl #23: return `Self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new() -> () {}
}

fn main() {}
