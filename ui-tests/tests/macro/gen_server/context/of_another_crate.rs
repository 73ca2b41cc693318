// dsl #25: take `tera::Context`
#![allow(unused)]
use ambit::prelude::*;

mod tera {
    pub struct Context;
}

struct Pages;

#[gen_server]
impl Pages {
    #[call]
    fn render(&self, context: &tera::Context) -> String {
        String::new()
    }
}

fn main() {}
