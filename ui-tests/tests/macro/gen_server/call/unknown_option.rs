// dsl #51: write `timeout`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(timout = Duration::from_secs(1))]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
