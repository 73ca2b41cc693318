// dsl #09: set it once
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(deferred, deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>) {}
}

fn main() {}
