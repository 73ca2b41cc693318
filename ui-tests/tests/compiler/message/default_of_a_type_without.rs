// dsl #62: say which one
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.money")]
struct Money(u64);

#[derive(Message)]
#[message(name = "shop.order")]
struct Order {
    #[message(default)]
    price: Money,
}

fn main() {}
