// fix: `restarts = 3`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor(intensity = 3)]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
