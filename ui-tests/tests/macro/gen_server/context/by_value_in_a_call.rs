// dsl #34: take `&mut Context<Self>`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self, ctx: Context<Self>) -> u64 {
        self.value
    }
}

fn main() {}
