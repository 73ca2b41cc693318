// dsl #28: take a concrete type
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn rename(&mut self, name: &impl std::fmt::Display) {}
}

fn main() {}
