// dsl #01: put the attribute on the impl block, `#[gen_server] impl Counter { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
enum Counter {
    Full,
}

fn main() {}
