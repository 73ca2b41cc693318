// remove it, or put it on the methods of the servers
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
trait Kv {
    #[cast]
    fn put(&self, #[secret] key: String, value: u64);
}

fn main() {}
