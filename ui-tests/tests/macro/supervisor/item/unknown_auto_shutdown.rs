// dsl #60: use one of the listed values
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(auto_shutdown = any)]
impl App {
    #[child(restart = Transient, significant = true)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
