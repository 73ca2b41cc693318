// dsl #43: use `#[call]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add(&mut self, by: u64) -> Result<u8, std::io::Error> {
        Ok(1)
    }
}

fn main() {}
