// fix: `#[call]` alone
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    #[cast]
    fn len(&self) -> usize;
}

fn main() {}
