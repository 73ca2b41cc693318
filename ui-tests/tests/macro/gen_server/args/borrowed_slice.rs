// dsl #26: take `Vec<u64>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add_all(&mut self, items: &[u64]) {}
}

fn main() {}
