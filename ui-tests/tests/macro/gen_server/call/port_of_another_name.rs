// write `#[call(deferred)]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&mut self, offset: u64, answer: ReplyTo<u64>) {
        answer.send(self.value + offset);
    }
}

fn main() {}
