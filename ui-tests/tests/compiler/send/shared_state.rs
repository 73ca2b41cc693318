// dsl #24: take &mut self, or hold a state that is `Sync`
#![allow(unused)]
use ambit::prelude::*;

use std::cell::Cell;

struct Counter { value: Cell<u64> }

#[gen_server]
impl Counter {
    #[call]
    async fn get(&self) -> u64 {
        std::future::ready(()).await;
        self.value.get()
    }
}

fn main() {}
