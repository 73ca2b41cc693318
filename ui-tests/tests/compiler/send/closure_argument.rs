// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn later(&mut self, job: Box<dyn FnOnce()>) {}
}

fn main() {}
