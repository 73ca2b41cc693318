// dsl #25: take `String`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[continue_with]
    fn report(&mut self, to: &str) {}
}

fn main() {}
