// fix: `protocol = Kv`
#![allow(unused)]
use ambit::prelude::*;

pub struct Memory;

#[gen_server(protocol = "Kv")]
impl Memory {}

fn main() {}
