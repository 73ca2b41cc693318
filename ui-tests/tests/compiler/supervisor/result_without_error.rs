// dsl #59: the `E` is an error type
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn poller(&self) -> Result<ChildSpec<Task<()>>, u64> {
        Err(1)
    }
}

fn main() {}
