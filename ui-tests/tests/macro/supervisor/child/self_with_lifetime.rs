// dsl #21: drop the lifetime
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller<'a>(&'a self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
