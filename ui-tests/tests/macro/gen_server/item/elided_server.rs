// dsl #03: use owned data or an `Arc`
#![allow(unused)]
use ambit::prelude::*;

struct Counter<'a> {
    name: &'a str,
}

#[gen_server]
impl Counter<'_> {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
