// dsl #17: mark the methods, the handler is written by the macro
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    fn handle_call(&mut self) {}
}

fn main() {}
