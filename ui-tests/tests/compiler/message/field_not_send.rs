// dsl #62: hold what can travel
#![allow(unused)]
use ambit::prelude::*;

#[derive(Message)]
#[message(name = "shop.shared")]
struct Shared(std::rc::Rc<u64>);

fn main() {}
