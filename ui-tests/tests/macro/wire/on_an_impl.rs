// dsl #62: put it on a struct
#![allow(unused)]
use ambit::prelude::*;

struct Id(u128);

#[wire(name = "uuid.Uuid")]
impl Id {}

fn main() {}
