// dsl #21: write `&mut self`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset<'a>(&'a mut self) {}
}

fn main() {}
