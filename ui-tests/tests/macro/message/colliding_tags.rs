// dsl #63: give the second another tag
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
#[allow(non_camel_case_types)]
enum Event {
    costarring,
    liquid,
}

fn main() {}
