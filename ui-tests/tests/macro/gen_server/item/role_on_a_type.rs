// dsl #16: put the role on a method, `fn`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    type Value = u64;
}

fn main() {}
