// put it on a function: `#[rpc] async fn area(w: f64, h: f64) -> f64 { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
struct Area {
    w: f64,
}

fn main() {}
