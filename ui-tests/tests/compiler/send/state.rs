// dsl #36: the state must be `Send`
#![allow(unused)]
use ambit::prelude::*;

use std::rc::Rc;

struct Counter { value: Rc<u64> }

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
