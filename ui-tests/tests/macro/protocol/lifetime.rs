// fix: `pub trait Kv { #[cast] fn put(&self, key: String); }`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv<'a> {
    #[cast]
    fn put(&self, key: &'a str);
}

fn main() {}
