// dsl #62: wrap each
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "uuid.Uuid")]
struct Id(u128, std::collections::BTreeSet<u64>);

fn main() {}
