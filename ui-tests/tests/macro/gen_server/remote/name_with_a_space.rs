// write `remote = "shop.counter"`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop counter")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
