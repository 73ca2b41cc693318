// dsl #21: write `&self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get<'a>(&'a self) -> u64 {
        self.value
    }
}

fn main() {}
