// dsl #03: use owned data or an `Arc`
#![allow(unused)]
use ambit::prelude::*;

struct Counter<T> {
    name: T,
}

#[gen_server]
impl Counter<&str> {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
