// fix: rename the function
#![allow(unused)]
use ambit::prelude::*;

#[rpc]
fn std(path: Vec<std::path::PathBuf>) -> u64 {
    0
}

fn main() {}
