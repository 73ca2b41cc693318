// dsl #64: write a name without it
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "order paid")]
struct OrderPaid;

fn main() {}
