// take `&self`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&mut self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
