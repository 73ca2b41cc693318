// fix: `key: String`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get<'a>(&self, key: &'a str) -> Option<u64>;
}

fn main() {}
