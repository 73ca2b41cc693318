// dsl #09: set it once
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(mailbox = 64, mailbox = 128)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
