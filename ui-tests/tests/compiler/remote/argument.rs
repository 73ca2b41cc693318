// dsl #62: derive `Message` with a name on `Order`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

struct Order { pieces: u32 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast]
    fn order(&mut self, order: Order) {}
}

fn main() {}
