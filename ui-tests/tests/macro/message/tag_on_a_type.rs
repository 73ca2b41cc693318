// dsl #64: move it to a variant
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", tag = "paid")]
struct Event;

fn main() {}
