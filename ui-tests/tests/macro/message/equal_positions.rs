// dsl #63: give the second another name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.order")]
struct Order(#[message(rename = "1")] u64, String);

fn main() {}
