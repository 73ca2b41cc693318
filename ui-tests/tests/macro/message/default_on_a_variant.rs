// dsl #64: move it to a field
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
enum Event {
    #[message(default)]
    Paid(u64),
}

fn main() {}
