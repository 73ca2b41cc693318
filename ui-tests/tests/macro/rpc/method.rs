// remove `self`
#![allow(unused)]
use ambit::prelude::*;

struct Shop;

impl Shop {
    #[rpc]
    async fn area(&self, w: f64, h: f64) -> f64 {
        w * h
    }
}

fn main() {}
