// dsl #59: return a `ChildSpec`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> impl Copy {}
}

fn main() {}
