// import or define `Missing`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(all: Vec<Missing>) -> Self {
        Self { value: 0 }
    }
}

fn main() {}
