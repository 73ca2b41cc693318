// fix: `#[protocol] pub trait Kv { .. }`, and `#[gen_server(protocol = Kv)]` on this block
#![allow(unused)]
use ambit::prelude::*;

pub struct Memory;

#[protocol]
impl Memory {
    #[call]
    fn get(&self, key: String) -> Option<u64> {
        let _ = key;
        None
    }
}

fn main() {}
