// put `#[protocol]` on the trait
#![allow(unused)]
use ambit::prelude::*;

trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
}

fn main() {}
