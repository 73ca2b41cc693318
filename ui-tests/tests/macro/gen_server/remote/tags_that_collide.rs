// dsl #63: give one of them another tag
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast(tag = "costarring")]
    fn first(&mut self) {}

    #[cast(tag = "liquid")]
    fn second(&mut self) {}
}

fn main() {}
