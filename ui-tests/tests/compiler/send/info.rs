// dsl #35: the message must be `Send`
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[info]
    fn on_value(&mut self, value: Rc<u64>) {}
}

fn main() {}
