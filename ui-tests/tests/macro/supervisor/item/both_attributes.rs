// keep one attribute
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
#[gen_server]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
