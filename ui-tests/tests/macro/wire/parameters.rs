// dsl #62: write one for each type
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "smallvec.SmallVec")]
struct Small<T>(Vec<T>);

fn main() {}
