// return a concrete type instead of `impl Iterator<Item = u64>`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn up_to(end: u64) -> impl Iterator<Item = u64> {
    0..end
}

fn main() {}
