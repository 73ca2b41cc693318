// fix: `key: String`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: &str) -> Option<u64>;
}

fn main() {}
