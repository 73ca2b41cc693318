// remove `unsafe`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
unsafe fn area(w: f64, h: f64) -> f64 {
    w * h
}

fn main() {}
