// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, by: u64, by: u64) -> u64 {
        self.value + by
    }
}

async fn use_it(counter: CounterSubject) -> Result<u64, CallError> {
    counter.add(1, 2).await
}

fn main() {}
