// dsl #42: use `#[call]` to reply; the uses of the server are not reported again
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self { value }
    }

    #[cast]
    async fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }
}

#[ambit::main]
async fn main() {
    let counter = Counter::start(1).await.unwrap();
    counter.add(1).await.unwrap();
}
