// remove `packed`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.header")]
#[repr(C, packed)]
struct Header {
    kind: u8,
    length: u32,
}

fn main() {}
