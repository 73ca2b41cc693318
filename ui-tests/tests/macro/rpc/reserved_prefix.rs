// write `name = "geo.area"`
#![allow(unused)]
use ambit::prelude::*;

#[rpc(name = "ambit.area")]
async fn area(w: f64, h: f64) -> f64 {
    w * h
}

fn main() {}
