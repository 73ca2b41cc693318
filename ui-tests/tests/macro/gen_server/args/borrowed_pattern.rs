// fix: write `value: u64`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put(&mut self, &key: &u64) {}
}

fn main() {}
