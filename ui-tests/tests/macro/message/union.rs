// dsl #64: use a struct or an enum
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
union Number {
    float: f64,
    bits: u64,
}

fn main() {}
