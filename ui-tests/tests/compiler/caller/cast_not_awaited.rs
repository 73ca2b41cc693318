// dsl #54: await the cast, or call `.now()`
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
    counter.reset();
}

fn main() {}
