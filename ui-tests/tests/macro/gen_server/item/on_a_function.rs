// dsl #01: put the attribute on an impl block
#![allow(unused)]
use ambit::prelude::*;

#[gen_server]
pub fn count() {}

fn main() {}
