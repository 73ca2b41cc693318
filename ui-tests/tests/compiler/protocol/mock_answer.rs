// fix: `.on_get(|_key| Some(1))`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
}

fn main() {
    let _ = MockKv::new().on_get(|_key| 1);
}
