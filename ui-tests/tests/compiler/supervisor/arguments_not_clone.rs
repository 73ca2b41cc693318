// dsl #58: derive `Clone`
#![allow(unused)]
use ambit::prelude::*;

struct Connection;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn new(_connection: Connection) -> Self {
        Self
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(Connection)
    }
}

fn main() {}
