// write another name
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "ambit.uuid.Uuid")]
struct Id(u128);

fn main() {}
