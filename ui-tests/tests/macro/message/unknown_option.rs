// dsl #64: write `version`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", verson = 2)]
struct Event;

fn main() {}
