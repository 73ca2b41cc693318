// did you mean `deferred`?
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call(defered)]
    fn get(&mut self, answer: ReplyTo<u64>) {
        answer.send(self.value);
    }
}

fn main() {}
