// dsl #64: write one of them
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
enum Event {
    #[message(tag = "paid", rename = "payed")]
    Paid,
}

fn main() {}
