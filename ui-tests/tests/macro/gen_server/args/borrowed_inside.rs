// dsl #25: take `String`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn rename(&mut self, name: Option<&str>) {}
}

fn main() {}
