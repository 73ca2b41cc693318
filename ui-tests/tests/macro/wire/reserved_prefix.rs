// write another name
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "ambit.uuid.Uuid")]
struct Id(u128);

#[wire(name = "std.Range")]
struct Span(u64);

fn main() {}
