// dsl #51: write `#[info]` alone
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info(timeout = 5)]
    fn on_tick(&mut self, tick: u64) {}
}

fn main() {}
