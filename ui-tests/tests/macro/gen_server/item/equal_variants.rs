// dsl #05: rename one
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put_one(&mut self) {}

    #[cast]
    fn put__one(&mut self) {}
}

async fn use_it(counter: CounterSubject) {
    let _ = counter.put__one().await;
}

fn main() {}
