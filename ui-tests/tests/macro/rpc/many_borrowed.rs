// take `String`, return `String`
// errors: 2
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
async fn trimmed(text: &str) -> &str {
    text.trim()
}

fn main() {}
