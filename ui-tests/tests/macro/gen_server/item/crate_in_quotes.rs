// fix: remove the quotes
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server(crate = "ambit")]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
