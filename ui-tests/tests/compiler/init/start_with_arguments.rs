// dsl #06: remove the argument, `Counter { value: 0 }.start()`
#![allow(unused)]
use ambit::prelude::*;

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {}

fn main() {
    let _ = Counter { value: 0 }.start(5);
}
