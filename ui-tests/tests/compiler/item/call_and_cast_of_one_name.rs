// duplicate definitions with name `put`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn put(&mut self, value: u64) -> u64 { value }

    #[cast]
    fn put(&mut self, value: u64) {}
}

async fn use_it(counter: CounterSubject) -> Result<u64, CallError> {
    counter.put(1).await
}

fn main() {}
