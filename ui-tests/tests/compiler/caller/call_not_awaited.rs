// dsl #54: await the call
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, by: u64) -> Result<u64, CallError> {
        Ok(by)
    }

    #[cast]
    fn reset(&mut self) {}
}

#[deny(unused_must_use)]
async fn caller(counter: CounterSubject) {
    counter.add(1);
}

fn main() {}
