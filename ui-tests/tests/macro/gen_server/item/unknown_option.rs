// dsl #08: use one of the listed options
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(mailbx = 64)]
impl Counter {
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}
