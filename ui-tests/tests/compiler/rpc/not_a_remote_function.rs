// write `#[rpc]` on the function
#![allow(unused)]
use ambit::message::Rpc;

struct Area;

fn expose<R: Rpc>() {}

fn main() {
    expose::<Area>();
}
