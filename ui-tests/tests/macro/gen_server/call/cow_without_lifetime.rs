// the lifetime of a `Cow` is hidden
#![allow(unused)]
use ambit::prelude::*;
use std::borrow::Cow;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn bytes(&self) -> Cow<[u8]> {
        Cow::Borrowed(&[])
    }
}

fn main() {}
