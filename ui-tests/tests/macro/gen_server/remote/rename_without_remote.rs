// remove `rename`, or add `remote = ".."` to the attribute of the block
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn set(&mut self, #[message(rename = "value")] to: Option<u64>) {}
}

fn main() {}
