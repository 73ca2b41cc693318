// fix: add `#[protocol(remote = "kv")]` to the trait
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
trait Kv {
    #[call]
    fn get(&self) -> u64;
}

struct Memory(u64);

#[gen_server(protocol = Kv, remote = "shop.memory")]
impl Memory {
    #[init]
    fn new() -> Self { Self(0) }

    #[call]
    fn get(&self) -> u64 { self.0 }
}

fn main() {}
