// set `auto_shutdown`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child(restart = Transient, significant = true)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
