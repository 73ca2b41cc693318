// dsl #62: write one of them
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "shop.id")]
#[derive(Message)]
struct Id(u64);

fn main() {}
