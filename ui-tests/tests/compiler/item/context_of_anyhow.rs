// write `ambit::server::Context<Self>`
#![allow(unused)]
use ambit::prelude::*;
use anyhow::Context;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self, ctx: &mut Context<Self>) -> u64 { self.value }
}

fn main() {}
