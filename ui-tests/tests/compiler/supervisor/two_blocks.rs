// one block per type; move the children into the first
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn first(&self) -> ChildSpec<Task> { ChildSpec::task("first", || async {}) }
}

#[supervisor]
impl App {
    #[child]
    fn second(&self) -> ChildSpec<Task> { ChildSpec::task("second", || async {}) }
}

fn main() {}
