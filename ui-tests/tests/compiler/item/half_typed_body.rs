// dsl #53: write what is to be added
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.value + ;
    }

    #[cast]
    fn reset(&mut self) {}
}

async fn caller(counter: CounterSubject) {
    let _ = counter.add(1).await;
    let _ = counter.reset().now();
}

fn main() {}
