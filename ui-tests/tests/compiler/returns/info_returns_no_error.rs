// dsl #43: `std::error::Error`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_tick(&mut self, tick: u64) -> Result<(), u64> {
        Err(tick)
    }
}

fn main() {}
