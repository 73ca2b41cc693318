// dsl #64: count the version up
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", version = 2)]
enum Event {
    Paid,
    #[message(since = 3)]
    Refunded,
}

fn main() {}
