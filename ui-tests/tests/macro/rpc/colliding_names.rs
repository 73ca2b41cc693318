// give the second another name
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
async fn mix(costarring: u64, liquid: u64) -> u64 {
    costarring + liquid
}

fn main() {}
