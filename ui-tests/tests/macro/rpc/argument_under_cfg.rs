// put `#[cfg(..)]` on the function
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn area(w: f64, #[cfg(test)] h: f64) -> f64 {
    w
}

fn main() {}
