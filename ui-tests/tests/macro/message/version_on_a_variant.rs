// dsl #64: write `since`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", version = 2)]
enum Event {
    #[message(version = 2)]
    Paid,
}

fn main() {}
