// dsl #62: derive `Message` on `Local`, with a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.page")]
struct Page<T> {
    items: Vec<T>,
}

struct Local;

fn travels<T: ambit::message::Wire>() {}
const _: fn() = travels::<Page<Local>>;

fn main() {}
