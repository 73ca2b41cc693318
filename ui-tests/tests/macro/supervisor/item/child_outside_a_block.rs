// dsl #14: put `#[supervisor]` on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct App;

impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
