// fix: `pub trait Kv<K> { #[call] fn get(&self, key: K) -> Option<u64>; }`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get<K: Send>(&self, key: K) -> Option<u64>;
}

fn main() {}
