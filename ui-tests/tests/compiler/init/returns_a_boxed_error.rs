// dsl #23: return `Box<dyn std::error::Error + Send + Sync>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        Ok(Self { value: 0 })
    }
}

fn main() {}
