// dsl #17: mark the methods with `#[call]`; the macro writes the handler
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    fn handle_call(&mut self) {}
}

fn main() {}
