// rename the method
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child(id = "poller")]
    fn poll(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
