// dsl #62: derive `Message`
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "uuid.Uuid")]
struct Id;

fn main() {}
