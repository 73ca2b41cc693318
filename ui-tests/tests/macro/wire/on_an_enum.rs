// dsl #62: put it on a struct
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "uuid.Uuid")]
enum Id {
    Uuid(u128),
}

fn main() {}
