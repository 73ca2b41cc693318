// write the time alone
#![allow(unused)]
use ambit::prelude::*;
use std::time::Duration;

struct App;

#[supervisor]
impl App {
    #[child(shutdown = After(Duration::from_secs(10)))]
    fn poller(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
