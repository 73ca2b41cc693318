// await the call
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 {
        self.value
    }
}

async fn use_it(counter: &CounterSubject) -> u64 {
    counter.get().unwrap()
}

fn main() {}
