// dsl #18: take `&self`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller() -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
