// dsl #52: remove `const`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    const fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
