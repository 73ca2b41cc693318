// dsl #36: the state must be `Send`
#![allow(unused)]
use ambit::prelude::*;

struct App { name: std::rc::Rc<str> }

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
