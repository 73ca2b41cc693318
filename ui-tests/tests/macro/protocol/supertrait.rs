// fix: `pub trait Kv { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv: Send + Sync {
    #[call]
    fn len(&self) -> usize;
}

fn main() {}
