// write `#[call]` or `#[cast]` above the methods that callers use
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[rustfmt::skip]
    fn get(&self) -> u64 { self.value }

    fn reset(&mut self) { self.value = 0 }
}

fn main() {}
