// dsl #52: remove `const`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    const fn reset(&mut self) {}
}

fn main() {}
