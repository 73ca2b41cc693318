// write `Counter::start(..).timeout(..)` where it is started
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init(timeout = std::time::Duration::from_secs(1))]
    fn init(value: u64) -> Self { Self { value } }
}

fn main() {}
