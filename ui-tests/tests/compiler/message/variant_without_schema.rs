// dsl #62: derive `Message` on `Money`, with a name
#![allow(unused)]
use ambit::prelude::*;

struct Money(u64);

#[derive(Message)]
#[message(name = "shop.event")]
enum Event {
    Created,
    Paid(u64, Vec<Money>),
}

fn main() {}
