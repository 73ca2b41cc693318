// write `&mut Context<Self>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn end(&mut self, ctx: &mut Context) {
        ctx.stop(ExitReason::Normal);
    }
}

fn main() {}
