// fix: `#[protocol] pub trait Kv { .. }`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub struct Kv {
    _values: Vec<u64>,
}

fn main() {}
