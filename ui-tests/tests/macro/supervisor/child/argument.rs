// dsl #61: take it from `self`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self, limit: u64) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
