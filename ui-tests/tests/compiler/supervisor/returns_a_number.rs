// dsl #59: return a `ChildSpec`
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[child]
    fn counter(&self) -> u64 {
        1
    }
}

fn main() {}
