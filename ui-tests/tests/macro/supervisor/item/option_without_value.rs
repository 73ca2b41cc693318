// write a value
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(strategy)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
