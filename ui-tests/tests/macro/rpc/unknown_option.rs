// write `timeout = Duration::from_secs(5)`
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

#[rpc(deadline = Duration::from_secs(1))]
async fn area(w: f64, h: f64) -> f64 {
    w * h
}

fn main() {}
