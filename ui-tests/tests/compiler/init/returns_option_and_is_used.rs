// dsl #23: `Self` or `Result<Self, E>`; the uses of the server are not reported again
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    async fn new(value: u64) -> Option<Self> {
        Some(Self { value })
    }

    #[call]
    fn get(&self) -> u64 {
        self.value
    }
}

#[ambit::main]
async fn main() {
    let counter = Counter::start(1).await.unwrap();
    let value = counter.get().await;
}
