// dsl #64: write `default`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.order", version = 2)]
struct Order {
    price: u64,
    #[message(since = 2)]
    note: Option<String>,
}

fn main() {}
