// dsl #64: hold owned data
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Name<'a>(&'a str);

fn main() {}
