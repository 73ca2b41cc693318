// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn put(&self, key: String) -> bool;

    #[cast]
    fn put(&self, key: String);
}

fn main() {}
