// dsl #48: keep one #[info] for `u64`
#![allow(unused)]
use ambit::prelude::*;

type Tick = u64;

struct Counter;

#[gen_server]
impl Counter {
    #[info]
    fn on_tick(&mut self, tick: Tick) {}

    #[info]
    fn on_number(&mut self, number: u64) {}
}

fn main() {}
