// move `reply: ReplyTo<u64>` to the end
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>, by: u64) {}
}

fn main() {}
