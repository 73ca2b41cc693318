// fix: give it an `#[init]`
#![allow(unused)]
use ambit::prelude::*;

#[protocol(remote = "shop.kv")]
trait Kv {
    #[call]
    fn get(&self) -> u64;
}

struct Memory(u64);

#[gen_server(protocol = Kv, remote = "shop.memory")]
impl Memory {
    #[call]
    fn get(&self) -> u64 { self.0 }
}

fn main() {}
