// dsl #47: take exactly one message
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn handle_info(&mut self) {}
}

fn main() {}
