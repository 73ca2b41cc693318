// dsl #38: return `String`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn name(&self) -> Option<&str> {
        None
    }
}

fn main() {}
