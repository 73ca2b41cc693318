// fix: `#[call]`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[cast]
    fn put(&self, key: String) -> bool;
}

fn main() {}
