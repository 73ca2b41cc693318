// dsl #03: use owned data or an `Arc`
#![allow(unused)]
use ambit::prelude::*;

use std::borrow::Cow;

struct Counter<T> {
    name: T,
}

#[gen_server]
impl Counter<Cow<'_, str>> {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
