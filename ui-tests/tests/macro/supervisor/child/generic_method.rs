// dsl #29: put the parameter on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller<T>(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
