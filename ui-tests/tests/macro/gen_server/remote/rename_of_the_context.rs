// remove `#[message(..)]`: the context is not sent
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server(remote = "shop.counter")]
impl Counter {
    #[cast]
    fn set(&mut self, #[message(rename = "context")] ctx: &mut Context<Self>, to: u64) {}
}

fn main() {}
