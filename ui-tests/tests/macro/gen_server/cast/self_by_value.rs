// dsl #19: take `&mut self` and stop the server with `ctx.stop(..)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn close(self) {}
}

fn main() {}
