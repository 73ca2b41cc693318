// dsl #64: write a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "")]
struct OrderPaid;

fn main() {}
