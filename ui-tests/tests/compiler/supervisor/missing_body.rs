// dsl #53: write the body
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>>;
}

fn main() {}
