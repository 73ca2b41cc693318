// dsl #11: write the methods out
#![allow(unused)]
use ambit::prelude::*;

struct App;

macro_rules! helpers {
    () => {};
}

#[supervisor]
impl App {
    helpers!();
}

fn main() {}
