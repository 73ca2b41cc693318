// dsl #64: remove the option
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
struct Event;

fn main() {}
