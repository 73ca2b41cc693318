// fix: return `Option<u64>`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
    #[cast]
    fn put(&self, key: String, value: u64);
}

pub struct Memory;

#[gen_server(protocol = Kv)]
impl Memory {
    #[call]
    fn get(&self, _key: String) {}

    #[cast]
    fn put(&mut self, _key: String, _value: u64) {}
}

fn main() {}
