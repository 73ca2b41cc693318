// write `#[rpc(name = "geo.area")]`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn größe(w: f64, h: f64) -> f64 {
    w * h
}

fn main() {}
