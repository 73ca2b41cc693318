// dsl #06: pass the value, `Counter { value: 5 }`
#![allow(unused)]
use ambit::prelude::*;

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {}

fn caller() {
    let _ = Counter::start(5);
}

fn main() {}
