// put it on the impl block
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>>
    where
        u64: Copy,
    {
        todo!()
    }
}

fn main() {}
