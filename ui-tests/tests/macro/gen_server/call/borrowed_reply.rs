// dsl #38: return `u64`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> &u64 {
        &self.value
    }
}

fn main() {}
