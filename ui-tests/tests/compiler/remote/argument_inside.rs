// dsl #62: derive `Message` with a name on `Order`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[derive(Message)]
struct Order { pieces: u32 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call]
    fn order(&mut self, orders: Vec<Order>) -> usize { orders.len() }
}

fn main() {}
