// dsl #05: one block per type; other impl blocks are plain
// errors: many
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {}

#[gen_server]
impl Counter {}

fn main() {}
