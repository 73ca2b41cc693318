// dsl #36: the state must be `Send`; its uses are not reported again
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: Rc<u64> }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self { value: Rc::new(value) }
    }

    #[call]
    fn get(&self) -> u64 {
        *self.value
    }
}

#[ambit::main]
async fn main() {
    let counter = Counter::start(1).await.unwrap();
    let value = counter.get().await;
}
