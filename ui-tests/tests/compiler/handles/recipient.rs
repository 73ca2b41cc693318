// dsl #55: add an `#[info]` for `u64`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {}

fn narrow(counter: &CounterSubject) {
    counter.recipient::<u64>();
}

fn main() {}
