// dsl #52: remove `extern`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    extern "C" fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
