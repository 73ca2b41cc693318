// fix: `Arc<str>`
#![allow(unused)]
use std::rc::Rc;

use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: Rc<str>) -> Option<u64>;
}

fn main() {}
