// is set on its first method
#![allow(unused)]
use ambit::prelude::*;

struct Door;

#[state_machine(states = [Open, Shut], remote = "shop.door")]
impl Door {
    #[cast(Open => Shut)]
    fn put(&mut self, keep: u64) {}

    #[cast(Shut => Open, event = put)]
    fn put_shut(&mut self, #[message(rename = "ttl")] keep: u64) {}
}

fn main() {}
