// dsl #56: pass a `u64`
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

fn caller(counter: CounterSubject) {
    let _ = counter.add("one");
}

fn main() {}
