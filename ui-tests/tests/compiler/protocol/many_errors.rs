// fix: both methods in the block
// errors: many
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
    #[info]
    fn on_down(&mut self, _down: Down) {}
}

fn main() {}
