// dsl #03: use owned data
#![allow(unused)]
use ambit::prelude::*;

struct App<'a> { name: &'a str }

#[supervisor]
impl<'a> App<'a> {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
