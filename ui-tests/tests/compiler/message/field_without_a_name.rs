// dsl #62: give `Money` a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Money(u64);

#[derive(Message)]
#[message(name = "shop.order")]
struct Order {
    price: Money,
}

fn main() {}
