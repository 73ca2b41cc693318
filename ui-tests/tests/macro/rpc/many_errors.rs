// take `C`, write one function for each type
// errors: 3
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn paint<C>((x, y): (u64, u64), colour: &C) {}

fn main() {}
