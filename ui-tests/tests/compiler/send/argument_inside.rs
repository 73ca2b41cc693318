// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;
use std::rc::Rc;

struct Item(Rc<u64>);

struct Batch {
    first: Item,
}

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn put(&mut self, batch: Batch) -> u64 {
        0
    }
}

fn main() {}
