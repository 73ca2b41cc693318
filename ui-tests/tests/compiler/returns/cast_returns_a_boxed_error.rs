// dsl #43: return `Box<dyn std::error::Error + Send + Sync>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn load(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }
}

fn main() {}
