// choose another name
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn start(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
