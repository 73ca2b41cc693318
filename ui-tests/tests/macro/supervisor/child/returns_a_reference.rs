// dsl #59: return owned data
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> &ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
