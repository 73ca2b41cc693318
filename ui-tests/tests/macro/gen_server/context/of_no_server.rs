// fix: write `&mut Context<Self>`
#![allow(unused)]
use ambit::prelude::*;

struct Settings;

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self, ctx: &mut Context<Settings>) {}
}

fn main() {}
