// fix: another name for the argument
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, reply: String) -> u64;
}

fn main() {}
