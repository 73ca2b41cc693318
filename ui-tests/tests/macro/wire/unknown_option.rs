// dsl #62: write `name`
#![allow(unused)]
use ambit::prelude::*;

#[wire(nam = "uuid.Uuid", name = "uuid.Uuid")]
struct Id(u128);

fn main() {}
