// dsl #35: the argument must be `Send`
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn put(&mut self, value: Rc<u64>) {}
}

fn main() {}
