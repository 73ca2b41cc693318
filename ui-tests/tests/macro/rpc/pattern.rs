// take `value: ..` and match on it inside
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn area((w, h): (f64, f64)) -> f64 {
    w * h
}

fn main() {}
