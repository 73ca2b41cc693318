// dsl #64: give the type a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
enum Event {
    Paid {
        #[message(default)]
        amount: u64,
    },
}

fn main() {}
