// dsl #15: put `#[cfg(..)]` on the method
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put(&mut self, #[cfg(all())] value: u64) {}
}

fn main() {}
