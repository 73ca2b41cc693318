// write `vis = pub(crate)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(vis = private)]
impl Counter {}

fn main() {}
