// dsl #25: take `String`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn rename(&mut self, name: &str) -> u64 {
        self.value
    }
}

fn main() {}
