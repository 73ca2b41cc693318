// a `Duration`
#![allow(unused)]
use ambit::prelude::*;

#[rpc(timeout = 5)]
async fn area(w: f64, h: f64) -> f64 { w * h }

fn main() {}
