// fix: `#[protocol]`
#![allow(unused)]
use ambit::prelude::*;

#[protocol(mailbox = 8)]
pub trait Kv {
    #[call]
    fn len(&self) -> usize;
}

fn main() {}
