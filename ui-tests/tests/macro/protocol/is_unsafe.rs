// fix: `pub trait Kv { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub unsafe trait Kv {
    #[call]
    fn len(&self) -> usize;
}

fn main() {}
