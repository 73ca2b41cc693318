// dsl #61: take `&AppSubject`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self, app: AppSubject) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
