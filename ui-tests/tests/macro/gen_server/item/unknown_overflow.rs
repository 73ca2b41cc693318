// dsl #08: use one of the listed policies
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(overflow = drop)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
