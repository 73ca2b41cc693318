// write a number
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(restarts = "three")]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
