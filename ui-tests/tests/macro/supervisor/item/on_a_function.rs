// dsl #01: put the attribute on the impl block
#![allow(unused)]
use ambit::prelude::*;

#[supervisor]
fn app() {}

fn main() {}
