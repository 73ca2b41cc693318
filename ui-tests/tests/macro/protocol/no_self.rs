// fix: `fn len(&self) -> usize;`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn len() -> usize;
}

fn main() {}
