// dsl #08: use one of the listed options
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(stratgy = OneForAll)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
