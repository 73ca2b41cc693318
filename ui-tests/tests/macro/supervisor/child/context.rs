// dsl #61: a supervisor has no context
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self, #[ctx] ctx: &mut u64) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
