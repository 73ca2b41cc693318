// dsl #08: write a number
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(mailbox = "64")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
