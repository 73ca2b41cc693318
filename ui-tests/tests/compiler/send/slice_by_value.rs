// take `Vec<u64>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, all: [u64]) -> u64 {
        self.value
    }
}

async fn use_it(counter: &CounterSubject) {
    let _ = counter.add(vec![1]).await;
}

fn main() {}
