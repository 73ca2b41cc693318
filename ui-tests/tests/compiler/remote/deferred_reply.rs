// dsl #62: reply with a type that can be sent
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call(deferred)]
    fn since(&self, reply: ReplyTo<std::time::Instant>) {}
}

fn main() {}
