// mark the method with `#[child]`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {}

struct App;

#[supervisor]
impl App {
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(|| Counter)
    }
}

fn main() {}
