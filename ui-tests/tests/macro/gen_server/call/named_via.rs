// dsl #05: choose another name
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn via(&self) -> u64 {
        self.value
    }
}

fn main() {}
