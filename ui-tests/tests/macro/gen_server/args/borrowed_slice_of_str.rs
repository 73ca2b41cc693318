// dsl #26: take `Vec<String>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn add_all(&mut self, names: &[&str]) {}
}

fn main() {}
