// fix: an error that is `Send`
#![allow(unused)]
use std::rc::Rc;

use ambit::prelude::*;

enum Result<T> {
    Done(T),
    Failed(Rc<str>),
}

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> Result<u64> {
        Result::Done(0)
    }
}

fn main() {}
