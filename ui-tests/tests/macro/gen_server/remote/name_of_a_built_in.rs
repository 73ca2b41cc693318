// write `remote = "shop.counter"`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "string")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
