// dsl #64: write it in quotes
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = shop.event)]
struct OrderPaid;

fn main() {}
