// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;
use std::rc::Rc;

struct Item(Rc<u64>);

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    async fn put(&mut self, item: Item) {
        self.value = *item.0;
    }
}

fn main() {}
