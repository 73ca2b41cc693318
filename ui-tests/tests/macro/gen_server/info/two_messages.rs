// dsl #47: take one message
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_tick(&mut self, count: u64, text: String) {}
}

fn main() {}
