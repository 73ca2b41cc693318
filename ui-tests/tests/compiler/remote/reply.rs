// dsl #62: reply with a type that can be sent
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    fn since(&self) -> std::time::Instant { std::time::Instant::now() }
}

fn main() {}
