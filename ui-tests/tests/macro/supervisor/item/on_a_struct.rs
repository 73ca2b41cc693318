// dsl #01: put the attribute on the impl block
#![allow(unused)]
use ambit::prelude::*;

#[supervisor]
struct App {
    limit: u64,
}

fn main() {}
