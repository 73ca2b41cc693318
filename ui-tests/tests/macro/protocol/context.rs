// fix: `fn put(&self, key: String);`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[cast]
    fn put(&self, ctx: &mut Context<Self>, key: String);
}

fn main() {}
