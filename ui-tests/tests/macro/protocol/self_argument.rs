// fix: write `other: KvSubject`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn merge(&mut self, other: Self) -> u64;

    #[cast]
    fn put(&mut self, key: String);
}

fn main() {}
