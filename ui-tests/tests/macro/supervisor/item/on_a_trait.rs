// dsl #01: put the attribute on the impl block
#![allow(unused)]
use ambit::prelude::*;

#[supervisor]
trait App {
    #[child]
    fn poller(&self) -> ChildSpec<Task<()>>;
}

fn main() {}
