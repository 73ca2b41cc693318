// fix: `#[call(skip_expired)]` in the block of the server
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call(skip_expired)]
    fn len(&self) -> usize;
}

fn main() {}
