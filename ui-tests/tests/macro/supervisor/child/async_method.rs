// move asynchronous work to `#[init]`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    async fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
