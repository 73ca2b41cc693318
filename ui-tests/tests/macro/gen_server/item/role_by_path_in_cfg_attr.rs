// dsl #15: write `#[cfg(..)]` beside the role
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cfg_attr(all(), must_use, ambit::call)]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
