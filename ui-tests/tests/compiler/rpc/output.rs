// dsl #62: return what travels
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
async fn since() -> std::time::Instant { std::time::Instant::now() }

fn main() {}
