// dsl #19: take `&mut self` and stop the server with `ctx.stop(..)`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn take(self) -> u64 {
        self.value
    }
}

fn main() {}
