// dsl #63: give the second another tag
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
enum Event {
    #[message(tag = "paid")]
    Payed,
    #[message(tag = "paid")]
    Refunded,
}

fn main() {}
