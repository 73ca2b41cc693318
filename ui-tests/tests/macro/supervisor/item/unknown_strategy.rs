// dsl #60: use one of the listed values
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(strategy = one_for_one)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
