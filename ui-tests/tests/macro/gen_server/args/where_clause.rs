// dsl #29: put the where-clause on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self)
    where
        Self: Sized,
    {
    }
}

fn main() {}
