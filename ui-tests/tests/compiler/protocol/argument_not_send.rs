// fix: an argument that is `Send`
#![allow(unused)]
use std::rc::Rc;

use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: Rc<str>) -> Option<u64>;
}

fn main() {}
