// fix: `#[call]` above `get`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    fn get(&self, key: String) -> Option<u64>;
}

fn main() {}
