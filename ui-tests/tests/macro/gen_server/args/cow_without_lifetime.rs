// dsl #25: the lifetime of a `Cow` is hidden
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn rename(&mut self, name: Option<std::borrow::Cow<str>>) {}
}

fn main() {}
