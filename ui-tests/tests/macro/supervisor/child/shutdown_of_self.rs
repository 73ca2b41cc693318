// set it in the method
#![allow(unused)]
use ambit::prelude::*;

struct App { grace: std::time::Duration }

#[supervisor]
impl App {
    #[child(shutdown = self.grace)]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
