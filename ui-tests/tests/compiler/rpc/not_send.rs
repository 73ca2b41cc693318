// drop the `Rc` before the `.await`, or take an `Arc`
#![allow(unused)]
use ambit::prelude::*;
use std::rc::Rc;

#[rpc]
async fn area(w: f64, h: f64) -> f64 {
    let sides = Rc::new((w, h));
    std::future::ready(()).await;
    sides.0 * sides.1
}

fn main() {}
