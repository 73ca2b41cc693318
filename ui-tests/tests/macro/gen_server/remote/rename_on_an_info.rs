// remove `#[message(..)]`: an info has no wire name
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[info]
    fn on_number(&mut self, #[message(rename = "value")] to: u64) {}
}

fn main() {}
