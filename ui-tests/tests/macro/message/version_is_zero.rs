// dsl #64: count from 1
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event", version = 0)]
struct Event;

fn main() {}
