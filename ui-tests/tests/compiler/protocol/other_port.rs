// fix: take `ambit::server::ReplyTo<Option<u64>>`
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
    #[call(deferred)]
    fn get(&self, _key: String, _reply: ReplyTo<u64>) {}

    #[cast]
    fn put(&mut self, _key: String, _value: u64) {}
}

fn main() {}
