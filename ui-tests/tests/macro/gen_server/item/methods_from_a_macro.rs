// dsl #11: write the methods out
#![allow(unused)]
use ambit::prelude::*;

macro_rules! more_methods {
    () => {};
}

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    more_methods!();

    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
