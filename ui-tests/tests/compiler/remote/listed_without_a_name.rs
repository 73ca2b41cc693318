// fix: `#[gen_server(remote = "shop.counter")]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 { self.value }
}

fn main() {
    ambit::assert_contract!("contract.lock", [Counter]);
}
