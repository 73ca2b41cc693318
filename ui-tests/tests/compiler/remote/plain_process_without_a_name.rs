// give the message of the process a name: `#[message(name = "shop.order")]`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Order { pieces: u32 }

#[derive(Message)]
#[message(name = "shop.hire")]
struct Hire {
    orders: Subject<Order>,
}

fn main() {}
