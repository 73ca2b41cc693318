// fix: another name
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn clone(&self) -> u64;
}

fn main() {}
