// dsl #01: put the attribute on the impl block
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
struct Counter {
    value: u64,
}

fn main() {}
