// dsl #62: wrap owned data
#![allow(unused)]
use ambit::prelude::*;

#[wire(name = "shop.name")]
struct Name<'a>(&'a str);

fn main() {}
