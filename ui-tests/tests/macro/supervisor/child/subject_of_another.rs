// dsl #61: take `&AppSubject`
#![allow(unused)]
use ambit::prelude::*;

struct App;
struct Other;

#[supervisor]
impl Other {}

#[supervisor]
impl App {
    #[child]
    fn poller(&self, app: &OtherSubject) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
