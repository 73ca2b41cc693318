// dsl #20: take `&self`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(self: std::sync::Arc<Self>) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
