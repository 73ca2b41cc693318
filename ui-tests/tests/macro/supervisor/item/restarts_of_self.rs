// use a constant
#![allow(unused)]
use ambit::prelude::*;

struct App { restarts: u32 }

#[supervisor(restarts = self.restarts)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
