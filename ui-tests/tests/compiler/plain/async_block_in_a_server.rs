// write `|inbox: Inbox<_>| async move { .. }`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn work(&mut self, ctx: &mut Context<Self>) {
        ctx.spawn_link(async { println!("works") });
    }
}

fn main() {}
