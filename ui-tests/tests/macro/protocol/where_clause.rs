// fix: the where-clause on the trait
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv<K> {
    #[call]
    fn get(&self, key: K) -> Option<u64>
    where
        K: Clone;
}

fn main() {}
