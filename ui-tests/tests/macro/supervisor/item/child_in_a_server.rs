// dsl #12: move the method to a supervisor
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[gen_server]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
