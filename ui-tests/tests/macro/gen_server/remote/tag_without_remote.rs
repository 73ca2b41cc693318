// remove `tag`, or add `remote = ".."` to the attribute of the block
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast(tag = "clear")]
    fn reset(&mut self) {}
}

fn main() {}
