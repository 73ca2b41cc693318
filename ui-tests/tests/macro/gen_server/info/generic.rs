// dsl #29: put `T` on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_any<T>(&mut self, message: T) {}
}

fn main() {}
