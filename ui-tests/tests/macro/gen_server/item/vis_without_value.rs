// write `vis = pub(crate)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(vis =, mailbox = 4)]
impl Counter {}

fn main() {}
