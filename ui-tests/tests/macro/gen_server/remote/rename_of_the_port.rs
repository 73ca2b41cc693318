// remove `#[message(..)]`: the port is not sent
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[call(deferred)]
    fn get(&self, #[message(rename = "answer")] reply: ReplyTo<u64>) {}
}

fn main() {}
