// write one
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast]
    fn set(&mut self, #[message(rename = "value")] #[message(rename = "number")] to: u64) {}
}

fn main() {}
