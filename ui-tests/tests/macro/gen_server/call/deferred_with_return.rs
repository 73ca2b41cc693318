// dsl #46: remove the return type
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>) -> u64 {
        self.value
    }
}

fn main() {}
