// dsl #02: put the attribute on the inherent block
#![allow(unused)]
use ambit::prelude::*;

struct App;

#[supervisor]
impl Default for App {
    fn default() -> Self {
        Self
    }
}

fn main() {}
