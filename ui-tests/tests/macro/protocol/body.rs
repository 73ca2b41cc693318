// fix: `fn len(&self) -> usize;`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn len(&self) -> usize {
        0
    }
}

fn main() {}
