// dsl #42: `()`, `Flow` or `Result<(), E>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[continue_with]
    fn report(&mut self) -> u64 {
        self.value
    }
}

fn main() {}
