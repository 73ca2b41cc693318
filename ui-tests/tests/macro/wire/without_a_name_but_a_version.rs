// dsl #62: give it a name
#![allow(unused)]
use ambit::prelude::*;

#[wire(version = 2)]
struct Id(u64);

fn main() {}
