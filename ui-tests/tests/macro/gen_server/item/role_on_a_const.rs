// dsl #16: put the role on a method
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    const LIMIT: u64 = 9;
}

fn main() {}
