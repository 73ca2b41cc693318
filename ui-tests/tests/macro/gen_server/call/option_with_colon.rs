// write `timeout = Duration::from_secs(1)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(timeout: 5)]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
