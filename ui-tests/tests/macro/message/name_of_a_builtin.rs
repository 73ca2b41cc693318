// dsl #64: write another name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "list")]
struct List(Vec<u64>);

fn main() {}
