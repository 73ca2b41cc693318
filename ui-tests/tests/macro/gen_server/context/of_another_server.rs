// dsl #33: write `&mut Context<Self>`
#![allow(unused)]
use ambit::prelude::*;

struct Other;

#[gen_server]
impl Other {}

struct Counter;

#[gen_server]
impl Counter {
    #[cast]
    fn reset(&mut self, ctx: &mut Context<Other>) {}
}

fn main() {}
