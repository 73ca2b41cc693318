// choose another name
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn clone(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
