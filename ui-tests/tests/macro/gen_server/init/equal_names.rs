// fix: another name for the second
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64, value: u64) -> Self {
        Self { value }
    }
}

async fn use_it() -> Result<CounterSubject, StartError> {
    Counter::start(1, 2).await
}

fn main() {}
