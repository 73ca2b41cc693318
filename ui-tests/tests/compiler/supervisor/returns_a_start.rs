// dsl #59: return a `ChildSpec`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {}

struct App;

#[supervisor]
impl App {
    #[child]
    fn counter(&self) -> ambit::server::Start<Counter> {
        Counter.start()
    }
}

fn main() {}
