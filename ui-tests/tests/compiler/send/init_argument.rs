// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[init]
    fn new(value: Rc<u64>) -> Self {
        Self { value: 0 }
    }
}

fn main() {}
