// dsl #64: remove the option
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
enum Event {
    #[message(tag = "paid")]
    Payed,
}

fn main() {}
