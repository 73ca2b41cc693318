// dsl #55: add `#[info] fn on_message(&mut self, message: Tick)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct Tick;

struct Counter;

#[gen_server]
impl Counter {}

fn caller(counter: &CounterSubject) {
    ambit::send_after(&counter.recipient(), Duration::from_secs(1), Tick);
}

fn main() {}
