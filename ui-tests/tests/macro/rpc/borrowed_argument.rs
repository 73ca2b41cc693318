// take `String`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
async fn length(text: &str) -> u64 {
    text.len() as u64
}

fn main() {}
