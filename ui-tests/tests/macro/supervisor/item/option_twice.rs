// dsl #09: set it once
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(restarts = 3, restarts = 5)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
