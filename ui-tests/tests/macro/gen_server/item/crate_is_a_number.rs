// fix: write a path
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server(crate = 1)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
