// dsl #62: switch the feature `serde` of its crate on
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "shop.Instant")]
struct Moment(std::time::Instant);

fn main() {}
