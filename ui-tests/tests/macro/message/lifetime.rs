// dsl #64: use owned data
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Name<'a>(&'a str);

fn main() {}
