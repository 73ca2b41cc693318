// dsl #04: write `struct Counter` and `impl Counter`
#![allow(unused)]
use ambit::prelude::*;

trait Count {}

#[gen_server]
impl dyn Count {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
