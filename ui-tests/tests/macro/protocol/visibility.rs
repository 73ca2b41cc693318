// fix: `fn len(&self) -> usize;`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    pub fn len(&self) -> usize;
}

fn main() {}
