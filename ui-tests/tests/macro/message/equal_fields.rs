// dsl #63: give the second another name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.order")]
struct Order {
    price: u64,
    #[message(rename = "price")]
    amount: u64,
}

fn main() {}
