// dsl #08: leave the option out
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(vis = private)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
