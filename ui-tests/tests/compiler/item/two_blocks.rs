// dsl #05: one block per type; other impl blocks are plain
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 { self.value }
}

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self) { self.value = 0 }
}

async fn use_it(counter: CounterSubject) -> Result<u64, CallError> {
    counter.get().await
}

fn main() {}
