// write `.now().expect(..)`, or await it
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn use_it(counter: &CounterSubject) {
    counter.reset().expect("sent");
}

fn main() {}
