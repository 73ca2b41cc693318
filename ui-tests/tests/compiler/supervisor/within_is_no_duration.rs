// dsl #50: write a `Duration`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(within = 5)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
