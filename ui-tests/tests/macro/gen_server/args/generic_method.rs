// dsl #29: put `T` on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn rename<T: Into<String>>(&mut self, name: T) {}
}

fn main() {}
