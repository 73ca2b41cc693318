// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn fill(&mut self, place: *mut u64) {}
}

fn main() {}
