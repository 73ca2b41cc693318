// write a value
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(auto_shutdown = Any)]
impl App {
    #[child(significant)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
