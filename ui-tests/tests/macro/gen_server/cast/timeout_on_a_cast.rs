// dsl #51: write `#[cast]` alone
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast(timeout = Duration::from_secs(1))]
    fn reset(&mut self) {}
}

fn main() {}
