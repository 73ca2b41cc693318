// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn put(&mut self, value: Vec<Option<Rc<u64>>>) -> u64 {
        0
    }
}

fn main() {}
