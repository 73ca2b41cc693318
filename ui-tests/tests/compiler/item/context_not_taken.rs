// fix: take the context
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[cast]
    fn end(&mut self) {
        ctx.stop(ExitReason::Normal);
    }
}

fn main() {}
