// dsl #63: give one of them another tag
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}

    #[cast(tag = "reset")]
    fn clear(&mut self) {}
}

fn main() {}
