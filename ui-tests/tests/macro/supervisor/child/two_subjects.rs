// dsl #61: one is enough
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self, app: &AppSubject, again: &AppSubject) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
