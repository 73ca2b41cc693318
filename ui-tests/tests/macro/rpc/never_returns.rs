// return `()`
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn quit() -> ! {
    std::process::exit(0)
}

fn main() {}
