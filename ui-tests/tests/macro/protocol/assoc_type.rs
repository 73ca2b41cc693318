// fix: write a parameter, `trait Kv<K>`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    type Key;

    #[call]
    fn len(&self) -> usize;
}

fn main() {}
