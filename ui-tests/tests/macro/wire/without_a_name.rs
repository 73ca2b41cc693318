// dsl #62: give it a name
#![allow(unused)]
use ambit::prelude::*;

#[wire]
struct Id(std::ops::Range<u64>);

fn main() {}
