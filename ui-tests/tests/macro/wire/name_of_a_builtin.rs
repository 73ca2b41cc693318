// dsl #62: write another name
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "u128")]
struct Id(u128);

fn main() {}
