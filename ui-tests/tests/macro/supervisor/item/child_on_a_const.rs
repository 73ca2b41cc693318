// dsl #16: children are methods
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    const LIMIT: u64 = 1;
}

fn main() {}
