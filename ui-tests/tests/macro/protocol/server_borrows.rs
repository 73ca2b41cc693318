// fix: `key: String`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
}

pub struct Memory;

#[gen_server(protocol = Kv)]
impl Memory {
    #[call]
    fn get(&self, key: &str) -> Option<u64> {
        None
    }
}

fn main() {}
