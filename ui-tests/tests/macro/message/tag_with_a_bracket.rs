// dsl #64: write a tag without it
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
enum Event {
    #[message(tag = "paid<u64>")]
    Paid(u64),
}

fn main() {}
