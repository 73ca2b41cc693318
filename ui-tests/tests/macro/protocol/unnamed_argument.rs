// fix: `key: String`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, _: String) -> u64;
}

fn main() {}
