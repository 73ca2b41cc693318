// another restart
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(auto_shutdown = Any)]
impl App {
    #[child(restart = Permanent, significant = true)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
