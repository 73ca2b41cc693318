// fix: `fn close(&self);`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[cast]
    fn close(self);
}

fn main() {}
