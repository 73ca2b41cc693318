// remove it
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller<'a>(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
