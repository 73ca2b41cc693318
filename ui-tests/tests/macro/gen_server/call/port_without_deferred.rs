// write `#[call(deferred)]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&mut self, reply: ReplyTo<u64>) {
        reply.send(self.value);
    }
}

fn main() {}
