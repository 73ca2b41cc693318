// dsl #55: add `#[info] fn on_message(&mut self, message: u64)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {}

fn narrow(counter: &CounterSubject) {
    counter.recipient::<u64>();
}

fn main() {}
