// fix: `#[init]` in the block of each server
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[init]
    fn new() -> Self;

    #[call]
    fn len(&self) -> usize;
}

fn main() {}
