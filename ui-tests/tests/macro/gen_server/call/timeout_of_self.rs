// callers, which have no `self`
#![allow(unused)]
use std::time::Duration;

use ambit::prelude::*;

struct Counter {
    patience: Duration,
}

#[gen_server]
impl Counter {
    #[init]
    fn new() -> Self {
        let patience = Duration::from_secs(1);
        Self { patience }
    }

    #[call(timeout = self.patience * 2)]
    fn get(&self) -> u32 {
        0
    }
}

fn main() {}
