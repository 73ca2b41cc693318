// fix: a reply that is `Send`
#![allow(unused)]
use std::rc::Rc;

use ambit::prelude::*;

#[protocol]
pub trait Kv {
    #[call]
    fn get(&self, key: String) -> Rc<str>;
}

fn main() {}
