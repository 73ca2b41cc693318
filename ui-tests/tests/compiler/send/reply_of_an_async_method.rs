// dsl #40: the reply must be `Send`
#![allow(unused)]
use ambit::prelude::*;
use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    async fn get(&mut self) -> Rc<u64> {
        Rc::new(self.value)
    }
}

fn main() {}
