// fix: `fn len(&self) -> usize;`
#![allow(unused)]
use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    async fn len(&self) -> usize;
}

fn main() {}
