// E0415: choose another name
#![allow(unused)]
use ambit::prelude::*;

#[rpc(name = "geo.area")]
async fn area(side: f64, side: f64) -> f64 {
    side * side
}

fn main() {}
