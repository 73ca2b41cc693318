// dsl #52: remove `unsafe`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    unsafe fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
