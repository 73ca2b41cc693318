// dsl #45: take `reply: ReplyTo<T>` last
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(deferred)]
    fn changed(&mut self, by: u64) {}
}

fn main() {}
