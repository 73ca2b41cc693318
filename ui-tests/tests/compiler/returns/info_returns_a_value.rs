// dsl #42: return nothing
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_tick(&mut self, tick: u64) -> u64 {
        tick
    }
}

fn main() {}
