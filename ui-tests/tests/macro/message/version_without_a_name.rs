// dsl #64: give the type a name
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(version = 2)]
struct OrderPaid(u64);

fn main() {}
