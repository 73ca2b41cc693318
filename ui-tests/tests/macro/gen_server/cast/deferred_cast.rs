// dsl #51: write `#[cast]` alone
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast(deferred)]
    fn reset(&mut self, reply: ReplyTo<u64>) {}
}

fn main() {}
