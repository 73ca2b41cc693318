// choose another name
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn child_spec(&self) -> ChildSpec<Task<()>> {
        todo!()
    }
}

fn main() {}
