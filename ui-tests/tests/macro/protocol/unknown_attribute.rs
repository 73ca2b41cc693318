// remove it, or put it on the methods of the servers
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
trait Kv {
    #[call]
    #[timeout(Duration::from_secs(1))]
    fn get(&self, key: String) -> Option<u64>;
}

fn main() {}
