// use one of the options, such as `deferred`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call("deferred")]
    fn get(&self) -> u64 {
        self.value
    }
}

fn main() {}
