// dsl #12: move the method to a server
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl App {
    #[call]
    fn get(&self) -> u64 {
        0
    }
}

fn main() {}
