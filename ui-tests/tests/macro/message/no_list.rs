// dsl #64: write the options in parentheses
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message = "shop.event"]
struct Event;

fn main() {}
