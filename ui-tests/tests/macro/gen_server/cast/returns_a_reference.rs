// dsl #42: return nothing
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self) -> &u64 {
        &self.value
    }
}

fn main() {}
