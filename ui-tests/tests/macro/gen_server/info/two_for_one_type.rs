// dsl #48: one `#[info]` per type
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_tick(&mut self, tick: u64) {}

    #[info]
    fn on_tock(&mut self, tock: u64) {}
}

fn main() {}
