// dsl #04: write `struct Counter` and `impl Counter`
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
impl (u64, u64) {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
