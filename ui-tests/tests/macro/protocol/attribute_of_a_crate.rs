// remove it, or put it on the methods of the servers
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
trait Kv {
    #[call]
    #[tracing::instrument]
    fn get(&self, key: String) -> Option<u64>;

    #[cast]
    #[rustfmt::skip]
    fn put(&self, key: String, value: u64);
}

fn main() {}
