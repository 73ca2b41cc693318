// dsl #64: write a number
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", version = 2)]
enum Event {
    #[message(since = "2")]
    Paid,
}

fn main() {}
