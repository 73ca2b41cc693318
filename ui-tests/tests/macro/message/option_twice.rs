// dsl #64: write it once
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.event")]
#[message(name = "shop.order")]
struct Event;

fn main() {}
