// dsl #64: give the type a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
enum Event {
    #[message(tag = "paid")]
    Payed,
    Refunded,
}

fn main() {}
