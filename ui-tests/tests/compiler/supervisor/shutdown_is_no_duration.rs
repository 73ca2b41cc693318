// write a `Duration`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child(shutdown = 5000)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
