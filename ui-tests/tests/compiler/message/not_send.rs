// dsl #35: a message must be `Send`
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
struct Shared(std::rc::Rc<u64>);

fn main() {}
