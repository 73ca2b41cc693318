// dsl #60: write the word alone
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(strategy = ambit::supervisor::Strategy::RestForOne)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
