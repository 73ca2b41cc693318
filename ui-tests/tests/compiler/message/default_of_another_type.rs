// dsl #62: write a `String`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.order")]
struct Order {
    #[message(default = 5)]
    note: String,
}

fn main() {}
